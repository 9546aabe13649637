//! Figures in words, the same in the page and in what the API says to people.
//! Sizes count in thousands, as disks are sold: 1 MB is 1,000,000 bytes.

/// "4.3 MB"
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if count < 1000 {
        return format!("{count} B");
    }
    // In whole numbers: what writes fractions is seventeen kilobytes of the page.
    let mut size = 1_000;
    let mut unit = 0;
    // 999.5 would be written as 1000.
    while count >= 1_000 * size - size / 2 && unit + 1 < UNITS.len() {
        size *= 1_000;
        unit += 1;
    }
    let tenths = count.saturating_add(size / 20) / (size / 10);
    // From GB on, a tenth is worth showing for longer.
    let exact_below = if unit >= 2 { 1_000 } else { 100 };
    if tenths < exact_below {
        format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
    } else {
        let whole = count.saturating_add(size / 2) / size;
        format!("{whole} {}", UNITS[unit])
    }
}

/// "12,345"
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// "29 MB of 30 MB are used; 17 MB of that is in the trash"
pub fn used(used_bytes: u64, quota_bytes: u64, trash_bytes: u64) -> String {
    let (used, quota) = (bytes(used_bytes), bytes(quota_bytes));
    let mut words = match used == quota && used_bytes < quota_bytes {
        true => format!(
            "all but {} of {quota} are used",
            bytes(quota_bytes - used_bytes)
        ),
        false => format!("{used} of {quota} are used"),
    };
    if trash_bytes > 0 {
        words.push_str(&format!(
            "; {} of that is in the trash",
            bytes(trash_bytes.min(used_bytes))
        ));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{bytes, grouped, used};

    #[test]
    fn sizes_have_units_and_counts_have_commas() {
        let sizes = [0, 999, 1_000, 999_499, 999_500, 29_017_536, 34_359_738_368];
        let words = [
            "0 B", "999 B", "1.0 kB", "999 kB", "1.0 MB", "29 MB", "34.4 GB",
        ];
        assert_eq!(sizes.map(bytes), words);
        assert_eq!(
            [7, 1_234, 1_000_000].map(grouped),
            ["7", "1,234", "1,000,000"]
        );
    }

    #[test]
    fn a_full_drive_is_told_in_units_and_what_the_trash_has_of_it() {
        assert_eq!(
            used(29_017_536, 30_000_000, 17_000_000),
            "29 MB of 30 MB are used; 17 MB of that is in the trash"
        );
        assert_eq!(used(1_000, 30_000_000, 0), "1.0 kB of 30 MB are used");
        // What is left is not rounded away.
        let nearly = used(29_700_000, 30_000_000, 0);
        assert_eq!(nearly, "all but 300 kB of 30 MB are used");
    }
}
