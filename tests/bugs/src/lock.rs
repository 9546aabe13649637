//! `Cargo.lock` as Cargo itself would write it when a crate gets one more dependency.

/// Adds the dependency to the package.
///
/// # Errors
/// There is no such package, or it depends on nothing.
pub fn depend(lock: &mut String, package: &str, on: &str) -> Result<(), String> {
    let missing = || format!("Cargo.lock: no dependencies of {package}");
    let (name, list) = (format!("\nname = \"{package}\"\n"), "\ndependencies = [\n");
    let start = lock.find(&name).ok_or_else(missing)? + name.len() - 1;
    let end = lock[start..]
        .find("\n\n")
        .map_or(lock.len(), |at| start + at);
    let from = lock[start..end].find(list).ok_or_else(missing)?;
    let from = start + from + list.len();
    let entries = lock[from..end].lines().take_while(|line| *line != "]");
    let before = entries.take_while(|entry| entry.trim_matches([' ', '"', ',']) < on);
    let at = from + before.map(|line| line.len() + 1).sum::<usize>();
    lock.insert_str(at, &format!(" \"{on}\",\n"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::depend;

    #[test]
    fn a_dependency_stands_in_its_order() {
        let lock = "[[package]]\nname = \"a\"\n\n[[package]]\nname = \"b\"\ndependencies = [\n \"c\",\n \"e\",\n]\n";
        for (on, list) in [
            ("d", "\"c\",\n \"d\",\n \"e\""),
            ("a", "\"a\",\n \"c\",\n \"e\""),
            ("f", "\"c\",\n \"e\",\n \"f\""),
        ] {
            let mut added = lock.to_owned();
            assert_eq!(depend(&mut added, "b", on), Ok(()));
            assert_eq!(added, lock.replace("\"c\",\n \"e\"", list));
        }
        assert!(depend(&mut lock.to_owned(), "a", "c").is_err());
    }
}
