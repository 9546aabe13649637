//! One suite for whatever is a [`Drive`](crate::drive::Drive): the Workers with
//! D1 and R2, and the model. Each check is a function of a
//! [`Site`](crate::drive::Site), which it leaves with spaces of its own.

pub mod batches;
pub mod blocks;
pub mod conflicts;
pub mod deletions;
pub mod feed;
pub mod operations;
pub mod patches;
pub mod places;
pub mod privacy;
pub mod splices;
pub mod versions;

/// Makes a test of each check at a site, under the attributes that are given.
/// One that is not named here does not run: `all_checks_are_listed` says so.
#[macro_export]
macro_rules! suite {
    ($site:expr $(; #[$attribute:meta])*) => {
        $crate::suite_tests! {
            [$(#[$attribute])*] $site;
            batches::files_of_one_request_are_made_in_their_order
            batches::each_file_of_a_request_is_decided_on_by_itself
            batches::what_one_file_takes_another_does_not_get
            batches::a_repeated_batch_makes_nothing_twice
            batches::a_batch_and_single_requests_are_the_same_operations
            batches::files_of_a_batch_come_in_either_form
            batches::a_batch_is_bounded
            blocks::blocks_that_are_there_cost_nothing
            blocks::one_block_twice_in_a_body_is_stored_once
            blocks::a_body_with_a_wrong_hash_stores_nothing
            blocks::a_copy_costs_no_block
            blocks::missing_blocks_come_once_and_in_the_files_order
            blocks::a_file_may_repeat_a_block
            blocks::a_long_list_is_proposed_at_once
            blocks::a_list_that_lies_about_a_length_is_refused
            blocks::a_proposal_on_another_base_is_refused
            conflicts::the_side_that_came_second_is_on_the_server_for_every_device
            conflicts::a_conflict_is_told_by_the_feed_when_it_comes_and_when_it_goes
            conflicts::keep_theirs_leaves_the_file_as_it_is
            conflicts::keep_mine_makes_the_next_version
            conflicts::keep_both_makes_a_file_beside_it
            conflicts::a_copys_name_that_is_taken_is_refused_and_the_conflict_stays_open
            conflicts::a_choice_made_without_seeing_the_head_is_refused
            conflicts::a_conflict_is_resolved_once
            conflicts::a_repeated_conflict_is_one
            conflicts::a_conflict_needs_its_blocks_and_its_file
            conflicts::several_conflicts_of_one_file
            conflicts::a_merged_content_is_the_next_version
            conflicts::a_merged_content_has_both_forms
            conflicts::a_merge_into_the_trash_is_refused
            conflicts::the_second_sides_blocks_are_listed
            conflicts::a_choice_that_made_a_version_is_taken_back
            conflicts::nothing_later_is_taken_back
            conflicts::a_choice_that_changed_nothing_is_taken_back
            conflicts::a_copy_is_taken_back_as_long_as_it_is_as_it_was_made
            conflicts::a_version_in_the_trash_is_not_taken_back
            conflicts::resolutions_are_listed_the_newest_first
            deletions::what_is_deleted_for_good_is_gone
            deletions::a_deleted_items_id_is_not_used_again
            deletions::what_may_not_be_deleted_for_good_stays
            deletions::an_emptied_trash_is_empty
            feed::the_first_listing_names_everything_exactly_once
            feed::each_change_is_told
            feed::sequence_numbers_have_no_gaps
            feed::a_page_that_is_read_twice_says_the_same
            feed::changes_during_the_first_listing_are_not_missed
            feed::a_malformed_cursor_is_refused
            feed::a_cursor_that_is_not_of_this_journal_starts_anew
            feed::a_limit_out_of_bounds_is_refused
            operations::after_a_commit_no_read_returns_the_older_version
            operations::a_repeated_operation_returns_the_first_answer_and_writes_nothing
            operations::an_operation_id_is_good_for_one_request
            operations::a_refused_operation_may_be_sent_again
            operations::late_and_reordered_repeats_change_nothing
            operations::an_item_id_is_used_once
            patches::a_compressed_block_is_read_as_what_it_is
            patches::compressed_bytes_of_another_hash_store_nothing
            patches::a_patched_block_is_stored_whole
            patches::codecs_mix_in_one_body
            patches::a_patch_that_does_not_come_out_changes_nothing
            patches::only_so_many_base_blocks_are_read_for_a_request
            patches::a_device_that_holds_the_base_pulls_the_patch
            patches::patches_come_as_one_stream_if_asked
            patches::a_gzip_is_patched_by_its_symbols
            patches::frames_come_in_the_order_wanted_and_as_they_are_stored
            patches::an_answer_of_frames_is_bounded
            patches::signatures_make_patches_without_the_bytes
            patches::what_is_asked_for_signatures_is_checked
            patches::an_answer_of_signatures_is_bounded
            places::names_that_differ_in_case_or_composition_collide_and_nothing_is_lost
            places::names_that_differ_by_more_than_case_are_two
            places::a_name_may_change_its_own_case
            places::a_rename_and_an_edit_both_succeed
            places::two_renames_conflict
            places::a_rename_transfers_no_content_and_keeps_the_id
            places::no_folder_goes_into_itself
            places::folders_nest_only_so_deep
            places::a_folder_takes_its_height_along
            places::what_is_restored_says_where_it_is
            places::what_is_restored_may_get_another_name
            places::changes_of_one_request_are_made_in_their_order
            places::each_change_of_a_request_is_decided_on_by_itself
            places::a_change_sees_those_before_it
            places::a_repeated_batch_of_changes_changes_nothing_twice
            places::the_trash_frees_the_name_and_restore_wants_it_back
            places::trash_and_restore_are_checked_against_the_place_version
            places::trashing_a_folder_takes_what_is_below_along
            privacy::deduplication_never_crosses_users
            privacy::what_is_anothers_does_not_exist
            splices::an_edit_is_told_by_its_splices
            splices::both_forms_are_one_operation
            splices::a_copy_costs_a_few_bytes
            splices::an_unknown_base_is_refused
            splices::splices_that_do_not_fit_are_refused
            splices::a_list_comes_as_splices_since_another
            splices::a_commit_carries_its_blocks
            splices::carried_blocks_need_no_names
            splices::a_new_file_carries_its_blocks
            splices::what_is_carried_stays_when_more_is_missing
            splices::what_is_carried_is_checked_first
            versions::an_empty_file
            versions::versions_count_up_and_stay_readable
            versions::a_second_writer_is_told_who_was_first
            versions::folders_hold_files
            versions::content_comes_back_from_the_trash
            versions::a_file_whose_blocks_are_missing_is_not_made
        }
    };
}

/// The tests of [`suite!`].
#[macro_export]
macro_rules! suite_tests {
    ($attributes:tt $site:expr; $($group:ident :: $check:ident)*) => {
        $($crate::suite_test! { $attributes $site; $group $check })*
    };
}

/// One of them.
#[macro_export]
macro_rules! suite_test {
    ([$($attributes:tt)*] $site:expr; $group:ident $check:ident) => {
        #[test]
        $($attributes)*
        fn $check() {
            $crate::suite::$group::$check(&$site)
        }
    };
}
