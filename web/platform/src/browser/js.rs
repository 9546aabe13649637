//! Reading and making JavaScript values whose shape is not certain.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, File};

/// An object with these properties.
pub fn object(properties: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in properties {
        // Fails for a frozen object or a setter that throws; this is neither.
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object
}

/// A property, `undefined` where there is none.
pub fn get(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

pub fn get_text(value: &JsValue, name: &str) -> Option<String> {
    get(value, name).as_string()
}

pub fn get_number(value: &JsValue, name: &str) -> Option<f64> {
    get(value, name).as_f64()
}

/// Calls a method by its name: for what web-sys holds to be unstable.
///
/// # Errors
/// What the method threw, or that there is none.
pub fn call(target: &JsValue, method: &str, arguments: &Array) -> Result<JsValue, JsValue> {
    let function: Function = get(target, method).dyn_into()?;
    Reflect::apply(&function, target, arguments)
}

/// The same bytes and time as a file of another name.
pub fn renamed(file: &File, name: &str) -> Option<File> {
    dated(file, name, file.last_modified())
}

/// A blob as a file of a name that was changed then, in milliseconds since 1970. By its
/// name, because all that takes a time in web-sys is a feature that the page needs for
/// nothing else.
pub fn dated(blob: &Blob, name: &str, modified_at_ms: f64) -> Option<File> {
    let make: Function = get(&js_sys::global(), "File").dyn_into().ok()?;
    let options = object(&[("lastModified", modified_at_ms.into())]);
    let arguments = Array::of3(&Array::of1(blob), &name.into(), &options);
    Reflect::construct(&make, &arguments).ok()?.dyn_into().ok()
}

/// A blob as a file of a name.
///
/// # Errors
/// What the browser threw.
pub fn file_of(blob: &Blob, name: &str) -> Result<File, JsValue> {
    File::new_with_blob_sequence(&Array::of1(blob), name)
}

/// A promise's outcome.
pub async fn outcome(promise: impl Into<JsValue>) -> Result<JsValue, JsValue> {
    let promise = Promise::resolve(&promise.into());
    wasm_bindgen_futures::JsFuture::from(promise).await
}

/// What an error says about itself.
pub fn error_text(error: &JsValue) -> String {
    get_text(error, "message")
        .filter(|text| !text.is_empty())
        .or_else(|| error.as_string())
        .unwrap_or_else(|| format!("{error:?}"))
}
