//! What was read lately, within a limit of bytes.

use std::collections::HashMap;
use std::hash::Hash;

use gix::odb::pack::cache::DecodeEntry;

/// Values by key. Of two generations the older is forgotten when the younger is full; what is used is young again.
pub(super) struct Generations<K, V> {
    young: HashMap<K, (V, usize)>,
    old: HashMap<K, (V, usize)>,
    bytes: usize,
    limit: usize,
}

/// What a value costs beside its own bytes.
const OVERHEAD: usize = 128;

impl<K: Eq + Hash, V> Generations<K, V> {
    /// For values of about `bytes` in all.
    pub(super) fn new(bytes: usize) -> Generations<K, V> {
        Generations { young: HashMap::new(), old: HashMap::new(), bytes: 0, limit: bytes / 2 }
    }

    /// A value, if it is still there.
    pub(super) fn get(&mut self, key: &K) -> Option<&V> {
        if let Some((key, (value, bytes))) = self.old.remove_entry(key) {
            self.put(key, value, bytes);
        }
        self.young.get(key).map(|(value, _)| value)
    }

    /// Keeps a value of so many bytes.
    pub(super) fn put(&mut self, key: K, value: V, bytes: usize) {
        if self.bytes > self.limit {
            self.bytes = 0;
            self.old = std::mem::take(&mut self.young);
        }
        self.bytes += bytes + OVERHEAD;
        self.young.insert(key, (value, bytes));
    }
}

/// Objects of packs that others are told by their difference to; without it each is put together from its first one.
pub(crate) struct PackCache(Generations<(u32, u64), Decoded>);

struct Decoded {
    kind: gix::objs::Kind,
    compressed_size: usize,
    data: Vec<u8>,
}

impl PackCache {
    /// For objects of about `bytes` in all.
    pub(crate) fn new(bytes: usize) -> PackCache {
        PackCache(Generations::new(bytes))
    }
}

impl DecodeEntry for PackCache {
    fn put(&mut self, pack_id: u32, offset: u64, data: &[u8], kind: gix::objs::Kind, compressed_size: usize) {
        let bytes = data.len();
        // A large attachment would push out all the records.
        if bytes > self.0.limit / 8 {
            return;
        }
        self.0.put((pack_id, offset), Decoded { kind, compressed_size, data: data.to_vec() }, bytes);
    }

    fn get(&mut self, pack_id: u32, offset: u64, out: &mut Vec<u8>) -> Option<(gix::objs::Kind, usize)> {
        let found = self.0.get(&(pack_id, offset))?;
        out.clear();
        out.extend_from_slice(&found.data);
        Some((found.kind, found.compressed_size))
    }
}
