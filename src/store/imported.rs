//! Which events of a foreign history a branch holds already.

use std::collections::BTreeSet;

use super::Store;
use super::error::{Error, gix_error};
use super::trailers::trailers;

/// The key of the line that names a foreign event: `Imported: SYSTEM/ID#EVENT`.
pub const IMPORTED: &str = "Imported";

impl Store {
    /// The events of `system` that commits reachable from HEAD name, as `ID#EVENT`. Merged branches count too: an import may
    /// have come through a pull request.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn imported(&self, system: &str) -> Result<BTreeSet<String>, Error> {
        let mut known = BTreeSet::new();
        let Some(head) = self.head()?.commit else { return Ok(known) };
        let prefix = format!("{system}/");
        let walk = self.repo().rev_walk([head]).all().map_err(gix_error("the history is unreadable"))?;
        for commit in walk {
            let id = commit.map_err(gix_error("the history is unreadable"))?.id;
            let message = self.commit_info(id)?.message;
            if !message.contains(&prefix) {
                continue;
            }
            let values = trailers(&message).into_iter().filter(|(key, _)| key == IMPORTED);
            known.extend(values.filter_map(|(_, value)| value.strip_prefix(&prefix).map(str::to_owned)));
        }
        Ok(known)
    }
}
