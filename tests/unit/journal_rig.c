/* SPDX-License-Identifier: Apache-2.0 */
#include "journal_rig.h"

#include "cmocka_all.h"

#include <string.h>

struct rig rig;
struct dg_journal_entry entries[ENTRIES_MAX];
uint32_t first_read;
uint32_t end_read;

/* Everything that is on flash, straight from the device. */
void read_journal(void)
{
    const struct dg_journal *journal = &rig.device.journal;

    first_read = journal->oldest;
    end_read = journal->oldest;
    while (end_read < journal->tree.size) {
        uint8_t room[DG_JOURNAL_ENTRY_MAX];
        dg_span bytes = {NULL, 0U};
        uint32_t count = 0U;
        struct dg_journal_entry entry;

        assert_int_equal(
            dg_journal_read(journal, end_read, DG_BUF_OF(room), &bytes, &count),
            DG_OK);
        assert_true(count >= 1U);
        /* Only the first of several is wanted: the shortest that is one. */
        for (bytes.size = 1U; dg_journal_entry_decode(bytes, &entry) != DG_OK;
             bytes.size++) {
            assert_true(bytes.size < sizeof room);
        }
        assert_true((end_read - first_read) < ENTRIES_MAX);
        entries[end_read - first_read] = entry;
        end_read++;
    }
}

uint32_t count_of(enum dg_journal_kind kind)
{
    uint32_t count = 0U;

    for (uint32_t i = 0U; i < (end_read - first_read); i++) {
        count += (entries[i].kind == kind) ? 1U : 0U;
    }
    return count;
}

const struct dg_journal_entry *last_of(enum dg_journal_kind kind)
{
    for (uint32_t i = end_read - first_read; i > 0U; i--) {
        if (entries[i - 1U].kind == kind) {
            return &entries[i - 1U];
        }
    }
    fail_msg("no entry of kind %u", (unsigned)kind);
    return NULL;
}

void start(int32_t basal_mU_per_h)
{
    const struct dg_therapy therapy = rig_therapy(basal_mU_per_h);

    rig_init(&rig, &therapy);
    rig_ready(&rig, 250);
}
