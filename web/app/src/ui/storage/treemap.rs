//! Rectangles whose areas say how much there is of each: squarified, after Bruls, Huizing
//! and van Wijk.

/// A rectangle, in percent of the width and of the height of what it is in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tile {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

/// A tile for each size, in their order, which is that of falling sizes. `aspect` is the
/// width of the whole by its height: tiles are nearly square in it. What has no size has
/// no area.
pub fn tiles(sizes: &[f64], aspect: f64) -> Vec<Tile> {
    let total: f64 = sizes.iter().sum();
    let mut tiles = Vec::with_capacity(sizes.len());
    // Lengths are those of a rectangle of this width and of height 1.
    let (mut left, mut top) = (0.0, 0.0);
    let (mut width, mut height) = (aspect, 1.0);
    let mut rest = sizes;
    while !rest.is_empty() && total > 0.0 {
        let area = |size: f64| size / total * aspect;
        let along = width.min(height);
        let taken = row(rest, along, &area);
        let (row, others) = rest.split_at(taken);
        let row_area: f64 = row.iter().map(|size| area(*size)).sum();
        let across = if along > 0.0 { row_area / along } else { 0.0 };
        let is_column = width >= height;
        let mut at = 0.0;
        for size in row {
            let length = if across > 0.0 {
                area(*size) / across
            } else {
                0.0
            };
            let (x, y, w, h) = match is_column {
                true => (left, top + at, across, length),
                false => (left + at, top, length, across),
            };
            tiles.push(Tile {
                left: x / aspect * 100.0,
                top: y * 100.0,
                width: w / aspect * 100.0,
                height: h * 100.0,
            });
            at += length;
        }
        match is_column {
            true => (left, width) = (left + across, (width - across).max(0.0)),
            false => (top, height) = (top + across, (height - across).max(0.0)),
        }
        rest = others;
    }
    tiles.resize(
        sizes.len(),
        Tile {
            left: 0.0,
            top: 0.0,
            width: 0.0,
            height: 0.0,
        },
    );
    tiles
}

/// How many of the first sizes make a row of a length whose worst tile is the most like a
/// square.
fn row(sizes: &[f64], along: f64, area: &impl Fn(f64) -> f64) -> usize {
    let mut best = f64::INFINITY;
    let mut sum = 0.0;
    let first = sizes.first().map_or(0.0, |size| area(*size));
    for (at, size) in sizes.iter().enumerate() {
        let last = area(*size);
        sum += last;
        let across = sum / along;
        let ratio = |area: f64| {
            let length = area / across;
            (length / across).max(across / length)
        };
        let worst = ratio(first).max(ratio(last));
        if at > 0 && worst > best {
            return at;
        }
        best = worst;
    }
    sizes.len().max(1)
}

#[cfg(test)]
mod tests {
    use super::{Tile, tiles};

    fn area(tile: &Tile) -> f64 {
        tile.width * tile.height
    }

    #[test]
    fn areas_are_as_the_sizes_and_fill_the_whole() {
        let sizes = [600.0, 300.0, 300.0, 200.0, 100.0, 50.0, 1.0];
        let total: f64 = sizes.iter().sum();
        let made = tiles(&sizes, 1.6);
        for (tile, size) in made.iter().zip(sizes) {
            assert!(
                (area(tile) - size / total * 10_000.0).abs() < 0.01,
                "{tile:?}"
            );
            assert!(tile.left >= 0.0 && tile.left + tile.width < 100.001);
            assert!(tile.top >= 0.0 && tile.top + tile.height < 100.001);
        }
        let sum: f64 = made.iter().map(area).sum();
        assert!((sum - 10_000.0).abs() < 0.01, "{sum}");
    }

    #[test]
    fn tiles_do_not_lie_over_each_other() {
        let sizes: Vec<f64> = (1..40).rev().map(|n| f64::from(n * n)).collect();
        let made = tiles(&sizes, 1.6);
        for (at, one) in made.iter().enumerate() {
            for other in &made[at + 1..] {
                let apart = one.left + one.width <= other.left + 1e-6
                    || other.left + other.width <= one.left + 1e-6
                    || one.top + one.height <= other.top + 1e-6
                    || other.top + other.height <= one.top + 1e-6;
                assert!(apart, "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn equal_sizes_are_nearly_squares() {
        for tile in tiles(&[1.0; 16], 1.6) {
            let ratio = tile.width * 1.6 / tile.height;
            assert!((0.4..2.5).contains(&ratio), "{ratio}");
        }
    }

    #[test]
    fn what_is_empty_has_no_area_and_harms_nothing() {
        assert_eq!(tiles(&[], 1.6), []);
        let made = tiles(&[0.0, 0.0], 1.6);
        assert_eq!(made.iter().map(area).sum::<f64>(), 0.0);
        let made = tiles(&[5.0, 0.0, 0.0], 1.6);
        assert_eq!(made.len(), 3);
        assert!((area(&made[0]) - 10_000.0).abs() < 0.01);
        assert!(
            made.iter()
                .all(|tile| tile.left.is_finite() && tile.height.is_finite())
        );
    }
}
