//! Any bytes in the place of the index of a desk: what is read is the same as without an index.

use std::path::Path;

use staple::desk::{At, Desk, Records};
use staple::query::document::kinds as searched;
use staple::query::fields::TICKETS;
use staple::query::saved::SavedQueries;
use staple::query::{Context, Query, kinds};
use staple::record::time::Time;
use staple::settings::{Layers, Settings};
use staple::store::{Discover, Store};

/// What SQLite reads at once, in bytes.
const PAGE: usize = 4096;

/// A desk in a folder, and what it says.
pub(crate) struct Asked<'a> {
    folder: &'a Path,
    answers: Vec<String>,
    sound: Vec<u8>,
}

impl<'a> Asked<'a> {
    /// Asks the desk in `folder` without an index, and has it make one.
    pub(crate) fn new(folder: &'a Path) -> Self {
        let answers = ask(&desk(folder, "off"));
        let mut asked = Self { folder, answers, sound: Vec::new() };
        asked.remove();
        assert_eq!(ask(&desk(folder, "auto")), asked.answers);
        asked.sound = std::fs::read(asked.file()).expect("an index");
        asked
    }

    /// Damages the index as the bytes say, and asks the desk again.
    pub(crate) fn holds(&self, bytes: &[u8]) {
        self.remove();
        std::fs::write(self.file(), damaged(&self.sound, bytes)).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(self.file(), std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        assert_eq!(ask(&desk(self.folder, "auto")), self.answers);
    }

    fn file(&self) -> std::path::PathBuf {
        self.folder.join(".git/staple/index.sqlite")
    }

    fn remove(&self) {
        for ending in ["", "-wal", "-shm", "-journal"] {
            let mut path = self.file().into_os_string();
            path.push(ending);
            let _ = std::fs::remove_file(path);
        }
    }
}

/// The index as the bytes damage it. The first says how: the others take its place, it is cut short, a page of it is blank or
/// noise, or its head says something else.
///
/// A page of noise never begins like one of SQLite's own: what is forged well, or changes within a value alone, nothing could
/// see without reading everything.
fn damaged(sound: &[u8], bytes: &[u8]) -> Vec<u8> {
    let Some((how, rest)) = bytes.split_first() else { return Vec::new() };
    let pages = sound.len() / PAGE;
    let number = |at: usize| rest.iter().skip(at * 2).take(2).fold(0, |number, byte| number << 8 | usize::from(*byte));
    let page = number(0) % pages * PAGE;
    let mut out = sound.to_vec();
    match how % 5 {
        0 => return rest.to_vec(),
        1 => out.truncate((number(0) << 8 | number(1) >> 8) % sound.len()),
        2 => out[page..page + PAGE].fill(0),
        3 => {
            for (at, byte) in out[page..page + PAGE].iter_mut().enumerate() {
                *byte = if at == 0 || rest.is_empty() { 0xff } else { rest[at % rest.len()] };
            }
        }
        // The head of the file, which says what it is, with other bytes.
        _ => {
            let head = &mut out[..100];
            rest.chunks_exact(2).for_each(|pair| head[usize::from(pair[0]) % 100] = pair[1]);
        }
    }
    out
}

fn desk(folder: &Path, index: &str) -> Desk {
    let discover = Discover { start: folder.to_owned(), explicit: None, isolated: Some(Vec::new()) };
    let store = Store::open(&discover).expect("a desk");
    let flags = [("index".to_owned(), index.to_owned())];
    let settings = Settings::resolve(&Layers { flags: &flags, ..Layers::default() });
    Desk::new(store, settings, Time::from_unix(1_795_000_000), Box::new(|| 0))
}

/// What a desk says, one answer a line.
fn ask(desk: &Desk) -> Vec<String> {
    let context = Context { now: desk.now(), zone: desk.zone(), me: Some("sam") };
    let said =
        |records: &Records, query: &Query| format!("{:?}", staple::report::ticket_list::rows(records, query, &context));
    let mut out = Vec::new();
    for text in ["", "is:open", "export", "customer:acme or has:reply"] {
        let query = Query::parse(text, &TICKETS).unwrap();
        for at in [At::Now, At::Time(Time::from_unix(1_794_000_000))] {
            let found = desk.tickets(&at, &query).unwrap_or_else(|error| panic!("list {text}: {error}"));
            out.push(format!("list {text}: {}", said(&found.records, &found.query)));
        }
    }
    let queries = kinds::parse("export", searched(), &SavedQueries::default()).unwrap();
    let answer = desk.search(&At::Now, &queries, 4, &context).unwrap_or_else(|error| panic!("search: {error}"));
    out.push(format!("search: {:?} {}", answer.first, answer.all));
    out
}
