use super::home::{block, content, hashes};
use crate::located::BlockMap;

#[test]
fn a_block_is_read_from_where_the_file_has_it_first() {
    let (a, b, strange) = (block(1, 4), block(2, 2), block(3, 7));
    let map = BlockMap::new(&content(&[b, a, b, a]));
    let found = map.locate(&hashes(&[a, b, strange]));
    let places: Vec<(u64, _)> = found.iter().map(|one| (one.offset, one.block)).collect();
    assert_eq!(places, [(2, a), (0, b)]);
}
