//! Spreadsheets as rows of text, by calamine: xlsx, xlsm, ods and xls. Formulas are not
//! counted; what is shown is what the program that saved the file had counted.
//!
//! | file | does |
//! | --- | --- |
//! | [`bounds`] | turns files away that would unpack to too much |
//! | [`book`] | the sheets of a file, and the cells of one |
//! | [`shown`] | a cell's value as text |
//! | [`worker`] | what runs in the worker |

pub mod book;
pub mod bounds;
pub mod shown;
pub mod worker;
