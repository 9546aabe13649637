//! The rest of a block, which is all bits that are not said by symbols: literals, and copies
//! of the base, as in an ordinary delta, by the range coder. Bytes that stand in the place of
//! as many others are told by how much they differ. The directory of a zip has many of them,
//! and all that follow a stream of another length differ by the same.

use super::Work;
use super::coder::{Bit, Coder, Decoder, Encoder, Number, Tree};
use crate::patch::delta::{BadDelta, Copy, copy, starts};
use crate::varint::{unzigzag, zigzag};

/// What a step costs beside its literals, in symbols.
const STEP_WORK: u64 = 16;
/// So many literals are something that is new, and compressed already.
const MANY: usize = 64;
/// So many of the first bytes that replace others are told apart.
const PLACES: usize = 4;

/// Literals that are taken, bytes that are copied, and how far that is from where the base
/// would go on.
#[derive(Clone, Copy, Default)]
struct Step {
    taken: usize,
    copied: usize,
    distance: i64,
}

impl Step {
    /// Whether its literals replace as many bytes of the base.
    fn replaces(self) -> bool {
        self.copied > 0 && self.distance == 0
    }
}

struct Model {
    taken: Number,
    copied: Number,
    goes_on: Bit,
    distance: Number,
    is_same: [Bit; PLACES],
    differences: [Tree<256>; PLACES],
    last_differences: [u8; PLACES],
    literals: Vec<Tree<256>>,
    last_literal: u8,
}

impl Model {
    fn new() -> Self {
        Self {
            taken: Number::default(),
            copied: Number::default(),
            goes_on: Bit::default(),
            distance: Number::default(),
            is_same: Default::default(),
            differences: Default::default(),
            last_differences: [0; PLACES],
            literals: vec![Tree::default(); 8],
            last_literal: 0,
        }
    }

    fn step(&mut self, coder: &mut impl Coder, step: Step) -> Result<Step, BadDelta> {
        let taken = self.taken.code(coder, step.taken as u32)? as usize;
        let copied = self.copied.code(coder, step.copied as u32)? as usize;
        let goes_on = copied == 0 || coder.bit(&mut self.goes_on, step.distance == 0)?;
        let distance = match goes_on {
            true => 0,
            false => {
                let told = zigzag(step.distance) as u32;
                unzigzag(u64::from(self.distance.code(coder, told)?))
            }
        };
        Ok(Step {
            taken,
            copied,
            distance,
        })
    }

    /// By how much a byte differs from the one that it replaces; `at` counts from the first
    /// of them.
    fn difference(
        &mut self,
        coder: &mut impl Coder,
        at: usize,
        difference: u8,
    ) -> Result<u8, BadDelta> {
        let place = at.min(PLACES - 1);
        let last = &mut self.last_differences[place];
        if !coder.bit(&mut self.is_same[place], difference == *last)? {
            *last = self.differences[place].code(coder, u32::from(difference))? as u8;
        }
        Ok(*last)
    }

    /// One of so many literals.
    fn literal(&mut self, coder: &mut impl Coder, of: usize, literal: u8) -> Result<u8, BadDelta> {
        if of >= MANY {
            return Ok(coder.direct(8, u32::from(literal))? as u8);
        }
        let of_last = self.literals.get_mut(usize::from(self.last_literal >> 5));
        let tree = of_last.ok_or(BadDelta::Streams)?;
        self.last_literal = tree.code(coder, u32::from(literal))? as u8;
        Ok(self.last_literal)
    }
}

/// Writes what makes the rest of the base's bytes by copies, which are in the order of the
/// rest and do not overlap there.
pub fn write(
    coder: &mut Encoder,
    base: &[u8],
    rest: &[u8],
    copies: &[Copy],
) -> Result<(), BadDelta> {
    let mut model = Model::new();
    let (mut to, mut from) = (0, 0);
    let end = Copy {
        from: 0,
        to: rest.len(),
        length: 0,
    };
    for copy in copies.iter().chain([&end]) {
        let literals = rest.get(to..copy.to).ok_or(BadDelta::Length)?;
        let step = Step {
            taken: literals.len(),
            copied: copy.length,
            distance: copy.from as i64 - (from + literals.len()) as i64,
        };
        if step.taken > 0 || step.copied > 0 {
            model.step(coder, step)?;
        }
        for (at, &literal) in literals.iter().enumerate() {
            if step.replaces() {
                let old = base.get(from + at).ok_or(BadDelta::OutsideOfBase)?;
                model.difference(coder, at, literal.wrapping_sub(*old))?;
            } else {
                model.literal(coder, step.taken, literal)?;
            }
        }
        to = copy.to + copy.length;
        from = copy.from + copy.length;
    }
    Ok(())
}

/// Makes the rest, which has so many bytes.
pub fn read(
    coder: &mut Decoder<'_>,
    base: &[&[u8]],
    length: usize,
    work: &mut Work,
) -> Result<Vec<u8>, BadDelta> {
    let starts = starts(base);
    let mut model = Model::new();
    let mut rest = Vec::with_capacity(length);
    let mut replaced = Vec::new();
    let mut from = 0_u64;
    while rest.len() < length {
        let left = length - rest.len();
        let step = model.step(coder, Step::default())?;
        work.spend(STEP_WORK + step.taken as u64)?;
        let Step { taken, copied, .. } = step;
        if taken > left || copied > left - taken || (copied == 0 && taken < left) {
            return Err(BadDelta::Length);
        }
        if step.replaces() {
            replaced.clear();
            copy(base, &starts, from, taken, &mut replaced)?;
            for (at, old) in replaced.iter().enumerate() {
                rest.push(old.wrapping_add(model.difference(coder, at, 0)?));
            }
        } else {
            for _ in 0..taken {
                rest.push(model.literal(coder, taken, 0)?);
            }
        }
        if copied == 0 {
            break;
        }
        let start = (from + taken as u64).checked_add_signed(step.distance);
        let start = start.ok_or(BadDelta::OutsideOfBase)?;
        copy(base, &starts, start, copied, &mut rest)?;
        from = start + copied as u64;
    }
    Ok(rest)
}
