//! An import. What the zips have is found out by the reading worker; files are slices of the
//! zips, which the browser reads from the disk when they are hashed and sent. They come in
//! by the door, like everything that is handed in, so they wait for a connection, can be
//! cancelled, and travel as little as they need to.
//!
//! Of a file with several versions, each is the next one of the one before, so they come in
//! rounds: a round begins when the server has all of the one before.

use super::stands::{Here, ImportStands};
use super::there::{Missing, find, missing};
use crate::archive::import::{Coming, ComingDrive, ComingFile, NotImported, join};
use crate::driver::door::DoorAct;
use crate::driver::root::Root;
use crate::refusals::InWords;
use crate::words::{say, say_many, t};
use leptos::prelude::{Update, WithUntracked};
use platform::browser::{clock, js};
use platform::failure::Failure;
use platform::intake::{DropContents, PickedFile};
use protocol::files::MarkVersion;
use protocol::ids::ItemId;
use protocol::items::Item;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, File};
use workers::reading::{ReadReply, ReadRequest, Reader};

/// How often it is looked whether the server has a round, in milliseconds.
const LOOK_MILLIS: u64 = 250;
/// Files that are looked for before the page may draw and answer: a millisecond or two.
const LOOKED_AT_AT_ONCE: usize = 500;
/// A file that nobody sends any more after so many looks does not come: somebody has
/// cancelled it, or it was refused.
const GIVEN_UP_AFTER: u32 = 80;

fn show(here: &Here, stands: ImportStands) {
    here.shown.update(|shown| shown.import = stands);
}

pub fn begin(here: &Rc<Here>, root: Rc<Root>, zips: Vec<File>, under: Option<String>) {
    let is_at_work =
        |stands: &ImportStands| matches!(stands, ImportStands::Reads | ImportStands::Sends { .. });
    if here.shown.with_untracked(|shown| is_at_work(&shown.import)) {
        return;
    }
    show(here, ImportStands::Reads);
    let here = here.clone();
    spawn_local(async move {
        let import = Import {
            here: here.clone(),
            root,
            zips,
        };
        let stands = match import.run(under).await {
            Ok(stands) => stands,
            Err(why) => ImportStands::Failed(why.in_words()),
        };
        show(&here, stands);
    });
}

struct Import {
    here: Rc<Here>,
    root: Rc<Root>,
    zips: Vec<File>,
}

/// A file that versions are still to come of.
struct Waiting {
    file: ComingFile,
    /// How many of its versions are in, or had been.
    done: usize,
    /// For so many looks, nobody has sent the next one.
    idle: u32,
}

impl Waiting {
    fn next(&self) -> Option<&Coming> {
        self.file.versions.get(self.done)
    }
}

impl Import {
    async fn run(&self, under: Option<String>) -> Result<ImportStands, Failure> {
        let reader = Reader::launch().await?;
        let mut drive = self.read(&reader, under).await?;
        let all = drive.files.iter().map(|file| file.versions.len()).sum();
        let mut left = std::mem::take(&mut drive.left);
        let (mut came, mut had, mut asked) = (0, 0, 0);
        self.tell(0, all);
        let mut waiting = Vec::new();
        let mut first = DropContents {
            empty_folders: std::mem::take(&mut drive.empty_folders),
            ..DropContents::default()
        };
        for mut file in drive.files {
            let path = file.path();
            if let Err(why) = self.check(&reader, &mut file).await {
                left.push(NotImported {
                    path: path.clone(),
                    why,
                });
            }
            let count = file.versions.len();
            let there = missing(&self.root, &self.zips, &mut file).await?;
            had += count - file.versions.len();
            match there {
                Missing::Nothing => {}
                Missing::Blocked(why) => left.push(NotImported { path, why }),
                // What has another content is asked about, like any file of a name that is
                // taken. Of several versions none takes the place of another.
                Missing::Some { item: Some(_) } if count == 1 => {
                    first.files.push(self.picked(&file)?);
                    asked += 1;
                }
                Missing::Some { item } => {
                    match item {
                        Some(item) => self.add_version(item, &file, 0)?,
                        None => first.files.push(self.picked(&file)?),
                    }
                    waiting.push(Waiting {
                        file,
                        done: 0,
                        idle: 0,
                    });
                }
            }
            self.tell(had + asked, all);
        }
        if !first.files.is_empty() || !first.empty_folders.is_empty() {
            self.root.door.act(DoorAct::Add {
                folder: None,
                onto: None,
                intake: first,
            });
        }
        while !waiting.is_empty() {
            clock::sleep(LOOK_MILLIS).await;
            if self.root.current.client().is_none() {
                return Err(Failure::Cancelled);
            }
            let mut still = Vec::new();
            for (n, mut one) in std::mem::take(&mut waiting).into_iter().enumerate() {
                if n % LOOKED_AT_AT_ONCE == 0 {
                    clock::breathe().await;
                }
                match self.look(&mut one).await? {
                    Look::Waits => still.push(one),
                    Look::Came(is_over) => {
                        came += 1;
                        if !is_over {
                            still.push(one);
                        }
                    }
                    Look::GivenUp => left.push(NotImported {
                        path: one.file.path(),
                        why: match one.done {
                            0 => t("it was not uploaded").to_owned(),
                            done => say_many!(
                                done,
                                "only 1 of its versions were uploaded",
                                "only {n} of its versions were uploaded"
                            ),
                        },
                    }),
                }
            }
            waiting = still;
            self.tell(had + asked + came, all);
        }
        Ok(ImportStands::Done {
            came,
            had,
            asked,
            left,
        })
    }

    fn tell(&self, done: usize, all: usize) {
        show(&self.here, ImportStands::Sends { done, all });
    }

    /// What all zips have. Those that are no export are named.
    async fn read(&self, reader: &Reader, under: Option<String>) -> Result<ComingDrive, Failure> {
        let mut parts = Vec::new();
        let mut refused = Vec::new();
        for (n, zip) in self.zips.iter().enumerate() {
            let why = match reader.ask(ReadRequest::Unpack, zip).await? {
                ReadReply::Unpacked(part) => {
                    parts.push((n, part));
                    continue;
                }
                ReadReply::NoExport(why) => why.in_words(),
                _ => t("it can’t be read").to_owned(),
            };
            refused.push(NotImported {
                path: zip.name(),
                why,
            });
        }
        let under: Vec<String> = under.into_iter().collect();
        let mut drive = join(&parts, &under);
        drive.left.extend(refused);
        Ok(drive)
    }

    /// Compares the bytes of each version with their checksum. Versions from one that is
    /// damaged on stay out: what follows would stand on another.
    async fn check(&self, reader: &Reader, file: &mut ComingFile) -> Result<(), String> {
        for n in 0..file.versions.len() {
            let Some(version) = file.versions.get(n) else {
                break;
            };
            let bytes = self.slice(version).map_err(|why| why.in_words())?;
            let said = reader.ask(ReadRequest::Checksum, &bytes).await;
            if matches!(said, Ok(ReadReply::Checksum(sum)) if sum == version.crc) {
                continue;
            }
            let why = match file.versions.len() {
                1 => t("its bytes are damaged in the zip, or can’t be read").to_owned(),
                _ => say!(
                    "the bytes of its version {version} are damaged in the zip, or can’t be read",
                    version = version.version
                ),
            };
            file.versions.truncate(n);
            return Err(why);
        }
        Ok(())
    }

    fn slice(&self, version: &Coming) -> Result<Blob, Failure> {
        let zip = self.zips.get(version.zip);
        let (start, end) = (version.start as f64, (version.start + version.size) as f64);
        let slice = zip.and_then(|zip| zip.slice_with_f64_and_f64(start, end).ok());
        slice.ok_or_else(|| Failure::Device(t("the zip can’t be read any more").to_owned()))
    }

    /// A version as a file of its name and its time.
    fn file(&self, file: &ComingFile, n: usize) -> Result<File, Failure> {
        let gone = || Failure::Device(t("the zip can’t be read any more").to_owned());
        let version = file.versions.get(n).ok_or_else(gone)?;
        let slice = self.slice(version)?;
        let at_ms = version.modified_at_ms.millis() as f64;
        js::dated(&slice, &file.name, at_ms).ok_or_else(gone)
    }

    fn picked(&self, file: &ComingFile) -> Result<PickedFile, Failure> {
        Ok(PickedFile {
            folders: file.folders.clone(),
            file: self.file(file, 0)?,
        })
    }

    fn add_version(&self, item: ItemId, file: &ComingFile, n: usize) -> Result<(), Failure> {
        let file = self.file(file, n)?;
        self.root.door.act(DoorAct::AddVersion { item, file });
        Ok(())
    }

    /// Whether the next version of a file is at the server; then the one after it is sent.
    async fn look(&self, one: &mut Waiting) -> Result<Look, Failure> {
        let Some(next) = one.next().cloned() else {
            return Ok(Look::Came(true));
        };
        let found = self.root.drive.tree.with_untracked(|tree| {
            let item = find(tree, &one.file.folders, &one.file.name)?;
            Some((item.clone(), tree.is_pending(item.id)))
        });
        let came = found.as_ref().filter(|(item, is_pending)| {
            let file = item.file.as_ref();
            !is_pending && file.is_some_and(|file| is(file.size, file.modified_at_ms, &next))
        });
        let Some((item, _)) = came else {
            let is_under_way = found.is_some_and(|(_, is_pending)| is_pending);
            one.idle = match is_under_way || self.root.door.is_open() {
                true => 0,
                false => one.idle + 1,
            };
            return Ok(match one.idle > GIVEN_UP_AFTER {
                true => Look::GivenUp,
                false => Look::Waits,
            });
        };
        self.mark(item, &next).await;
        one.done += 1;
        one.idle = 0;
        if one.next().is_some() {
            self.add_version(item.id, &one.file, one.done)?;
            return Ok(Look::Came(false));
        }
        Ok(Look::Came(true))
    }

    /// The version is called as it was, and stays if it did.
    async fn mark(&self, item: &Item, version: &Coming) {
        if version.label.is_empty() && !version.pinned {
            return;
        }
        let wanted = MarkVersion {
            version: item.version(),
            base_marks: 0,
            name: version.label.clone(),
            pinned: version.pinned,
        };
        let current = &self.root.current;
        let marked = async || current.api().mark_version(item.id, &wanted).await;
        if let Err(why) = current.patiently(marked).await {
            let text = say!(
                "“{name}” has not got the name of its version",
                name = item.name
            );
            self.root.drive.notices.failure(&text, &why);
        }
    }
}

enum Look {
    Waits,
    /// And whether it was the last one.
    Came(bool),
    GivenUp,
}

fn is(size: u64, modified_at_ms: blocks::number::FileTime, version: &Coming) -> bool {
    (size, modified_at_ms) == (version.size, version.modified_at_ms)
}
