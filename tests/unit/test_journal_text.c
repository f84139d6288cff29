/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <string.h>

#include "cli/journal_text.h"
#include "dosegate/message.h"

/* An entry reads as what happened; no number makes it lie or overflow. */
static const char *text_of(struct dg_journal_entry entry)
{
    static char text[DG_JOURNAL_TEXT_MAX];

    memset(text, 'x', sizeof(text));
    dg_journal_text(&entry, text);
    assert_non_null(memchr(text, '\0', sizeof(text)));
    return text;
}

static void test_journal_text__each_kind__in_words(void **state)
{
    (void)state;
    assert_string_equal(
        text_of((struct dg_journal_entry){.at = {86400U + 3661U},
                                          .kind = DG_JOURNAL_ACCEPTED,
                                          .who = 0,
                                          .code = 2,
                                          .amount = 2050,
                                          .data_size = 8,
                                          .data = {1, 2, 3, 4, 5, 6, 7, 8}}),
        "day 1 01:01:01  phone 1   dose accepted: 2.05 U, confirmed at the "
        "phone, ticket 0102030405060708");
    assert_string_equal(
        text_of((struct dg_journal_entry){
            .kind = DG_JOURNAL_ENDED,
            .who = DG_JOURNAL_BY_DEVICE,
            .code = ((uint32_t)DG_OUTCOME_DELIVERED * 256U) + 1U,
            .amount = 50}),
        "day 0 00:00:00  pump      dose ended: 0.05 U, delivered, automatic");
    assert_non_null(strstr(text_of((struct dg_journal_entry){
                               .kind = DG_JOURNAL_REFUSED,
                               .who = 3,
                               .code = ((uint32_t)DG_REQUEST_SUSPEND * 256U) +
                                       (uint32_t)DG_REASON_E5,
                               .amount = 60}),
                           "phone 4   refused: suspend: "));
    assert_non_null(
        strstr(text_of((struct dg_journal_entry){.kind = DG_JOURNAL_STATE,
                                                 .who = DG_JOURNAL_BY_PERSON,
                                                 .code = 1000,
                                                 .amount = UINT16_MAX}),
               "person    basal: 100.0 % withheld until resumed"));
    assert_non_null(
        strstr(text_of((struct dg_journal_entry){
                   .kind = DG_JOURNAL_STATE, .code = 500, .amount = 1800}),
               "50.0 % withheld for 30 min"));
    assert_non_null(
        strstr(text_of((struct dg_journal_entry){.kind = DG_JOURNAL_GLUCAGON,
                                                 .code = 3U * 256U + 3U,
                                                 .amount = 1000}),
               "glucagon ended: 1000 ug, "));
    assert_non_null(
        strstr(text_of((struct dg_journal_entry){
                   .kind = DG_JOURNAL_PROFILE, .code = 3, .amount = 7}),
               "limits: pressed, the delay begins, profile 7"));
    assert_non_null(
        strstr(text_of((struct dg_journal_entry){
                   .kind = DG_JOURNAL_PAIRED, .code = 2, .amount = 1}),
               "phone paired: phone 2 as caregiver"));
}

/* Any numbers, also of kinds that a newer pump may write. */
static void test_journal_text__any_numbers__fit(void **state)
{
    static const uint32_t numbers[] = {0, 1, 7, 255, 256, 4095, UINT32_MAX};

    (void)state;
    for (unsigned kind = 0; kind < 40U; kind++) {
        for (size_t i = 0; i < 7U * 7U; i++) {
            struct dg_journal_entry entry = {.at = {UINT32_MAX},
                                             .kind = (enum dg_journal_kind)kind,
                                             .who = (uint8_t)(i % 9U),
                                             .code = numbers[i % 7U],
                                             .amount = numbers[i / 7U],
                                             .data_size =
                                                 (uint8_t)((i % 2U) * 8U)};

            assert_true(strlen(text_of(entry)) > 20U);
        }
    }
    assert_non_null(strstr(
        text_of((struct dg_journal_entry){.kind = (enum dg_journal_kind)39}),
        "kind 39, which this program does not know"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_journal_text__each_kind__in_words),
        cmocka_unit_test(test_journal_text__any_numbers__fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
