//! Objects found in git's packs without opening the packs' lists as a whole.
//!
//! gix looks through all of a list when it opens it, so that no look-up can go wrong later: on millions of objects that takes longer
//! than all else of a short command. Here the few entries that matter are read, as gitformat-pack(5) describes them, and an object
//! counts as found only when its bytes have the id that was asked for. Whatever is not as expected is left to gix.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::objs::Kind;
use gix::odb::{loose, memory, pack};

use super::Store;
use crate::text::parse::MAX_BYTES;

/// Bytes of a list that takes longer to look through than a few objects to find.
const LONG: u64 = 1 << 20;
/// With more objects than this to find, looking through the list is quicker.
const FEW: usize = 64;
/// What a list of the second version begins with.
const SECOND: [u8; 8] = *b"\xfftOc\0\0\0\x02";
/// Where the ids begin: after that, and for each first byte how many ids begin with it or a lower one.
const IDS: u64 = 8 + 256 * 4;
/// Marks the place of an offset that takes eight bytes.
const FAR: u32 = 1 << 31;

impl Store {
    /// The store with some objects read already, where that is quicker than opening long lists of packs. For reading alone: what is
    /// written to it stays in memory.
    #[must_use]
    pub fn with_objects(&self, ids: &[ObjectId]) -> Self {
        self.with_objects_beside(ids, LONG)
    }

    /// As [`Store::with_objects`], where a list has so many bytes.
    pub(super) fn with_objects_beside(&self, ids: &[ObjectId], long: u64) -> Self {
        let mut store = self.clone();
        let objects = self.repo.objects.store_ref();
        let lists = lists(&objects.path().join("pack"));
        // Others stand in for objects that were replaced, which gix knows.
        let is_gain = ids.len() <= FEW
            && lists.iter().any(|(_, bytes)| *bytes >= long)
            && objects.replacements().next().is_none();
        if is_gain {
            let hash = self.repo.object_hash();
            // What is too large for a record is not read.
            let options = loose::Options { alloc_limit_bytes: Some(MAX_BYTES), ..loose::Options::default() };
            let loose = loose::Store::at_opts(objects.path(), hash, options);
            let mut packs: Vec<Pack> = lists.into_iter().filter_map(|(list, _)| Pack::open(list, hash).ok()).collect();
            let mut found = memory::Storage::default();
            let mut buffer = Vec::new();
            for id in ids {
                let object = match loose.try_find(id, &mut buffer) {
                    Ok(Some(object)) => Some((object.kind, object.data.to_vec())),
                    _ => packs.iter_mut().find_map(|pack| pack.object(*id)),
                };
                found.extend(object.map(|object| (*id, object)));
            }
            store.repo.objects.set_object_memory(found);
        }
        store
    }
}

/// The lists of the packs in a folder, with how long they are.
fn lists(folder: &Path) -> Vec<(PathBuf, u64)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let lists = entries.filter(|entry| entry.path().extension().is_some_and(|name| name == "idx"));
    lists.filter_map(|entry| Some((entry.path(), entry.metadata().ok()?.len()))).collect()
}

/// A pack and its list.
struct Pack {
    list: File,
    path: PathBuf,
    hash: gix::hash::Kind,
    objects: u32,
    /// Opened when the list has an object.
    data: Option<pack::data::File>,
}

impl Pack {
    fn open(path: PathBuf, hash: gix::hash::Kind) -> io::Result<Self> {
        let mut list = File::open(&path)?;
        let mut start = [0; SECOND.len()];
        list.read_exact(&mut start)?;
        if start != SECOND {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let mut pack = Self { list, path, hash, objects: 0, data: None };
        pack.objects = pack.number(IDS - 4)?;
        Ok(pack)
    }

    /// The object with an id, if it is here and whole.
    fn object(&mut self, id: ObjectId) -> Option<(Kind, Vec<u8>)> {
        let offset = self.offset(id).ok()??;
        let data = match &mut self.data {
            Some(data) => data,
            none => {
                let data = pack::data::File::at(self.path.with_extension("pack"), self.hash).ok()?;
                none.insert(data.with_alloc_limit_bytes(Some(MAX_BYTES)))
            }
        };
        let entry = data.entry(offset).ok()?;
        let mut bytes = Vec::new();
        let mut inflate = gix::zlib::Inflate::default();
        let decoded =
            data.decode_entry(entry, &mut bytes, &mut inflate, &|_, _| Ok(None), &mut pack::cache::Never).ok()?;
        let is_whole = gix::objs::compute_hash(self.hash, decoded.kind, &bytes).is_ok_and(|found| found == id);
        is_whole.then_some((decoded.kind, bytes))
    }

    /// Where the object with an id begins in the pack.
    fn offset(&mut self, id: ObjectId) -> io::Result<Option<u64>> {
        let first = u64::from(id.as_bytes()[0]);
        let mut low = if first == 0 { 0 } else { self.number(8 + (first - 1) * 4)? };
        let mut high = self.number(8 + first * 4)?;
        let (objects, width) = (u64::from(self.objects), id.as_bytes().len() as u64);
        let mut found = vec![0; id.as_bytes().len()];
        while low < high {
            let middle = low + (high - low) / 2;
            self.read(IDS + u64::from(middle) * width, &mut found)?;
            match id.as_bytes().cmp(&found) {
                std::cmp::Ordering::Less => high = middle,
                std::cmp::Ordering::Greater => low = middle + 1,
                std::cmp::Ordering::Equal => {
                    // Checksums of four bytes lie between.
                    let offsets = IDS + objects * (width + 4);
                    let offset = self.number(offsets + u64::from(middle) * 4)?;
                    if offset & FAR == 0 {
                        return Ok(Some(offset.into()));
                    }
                    let mut bytes = [0; 8];
                    self.read(offsets + objects * 4 + u64::from(offset ^ FAR) * 8, &mut bytes)?;
                    return Ok(Some(u64::from_be_bytes(bytes)));
                }
            }
        }
        Ok(None)
    }

    fn number(&mut self, at: u64) -> io::Result<u32> {
        let mut bytes = [0; 4];
        self.read(at, &mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn read(&mut self, at: u64, bytes: &mut [u8]) -> io::Result<()> {
        self.list.seek(SeekFrom::Start(at))?;
        self.list.read_exact(bytes)
    }
}
