/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_JOURNAL_H
#define DG_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/crypto.h"
#include "dosegate/flash.h"
#include "dosegate/merkle.h"
#include "dosegate/quantity.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* The journal: what happened, in order, on flash, and hashed into a Merkle
 * tree so that nobody can change it later and show the same root.
 *
 * It is a ring: the oldest sector makes room for the newest, loudly when nobody
 * had exported it (docs/adr/0020-journal.md).  The peaks of the tree stand at
 * the head of every sector, so size and root outlive the entries.  Therapy
 * never waits for the journal. */
#define DG_JOURNAL_ENTRY_MAX 55U /* bytes of one encoded entry */
#define DG_JOURNAL_DATA_MAX  32U
#define DG_JOURNAL_CHECK     8U /* bytes of the hash chain in each record */

/* The last number of a sector and of an epoch, long before 2^32: no flash lasts
 * for so many, and a head with a higher one is none of ours. */
#define DG_JOURNAL_SERIAL_MAX (UINT32_MAX - 0x10000U)

/* What happened; what code, amount and data are is said with each.  A ticket is
 * 8 bytes. */
enum dg_journal_kind {
    DG_JOURNAL_NONE = 0,
    DG_JOURNAL_BOOT = 1,      /* code bits: 1 a torn record was dropped, 2 the
                                 counts cannot be compared (a dose is open, or
                                 the ledger is lost); amount steps of the
                                 insulin actuator; data bolus, basal, glucagon
                                 steps (4 + 4 + 4)                            */
    DG_JOURNAL_TOTALS = 2,    /* as BOOT; once a day                          */
    DG_JOURNAL_ACCEPTED = 3,  /* code tier, amount mU, data ticket; of an
                                 automatic dose ENDED tells all              */
    DG_JOURNAL_ENDED = 4,     /* code outcome * 256 + tier, amount mU that the
                                 actuator vouches for, data ticket; who, of
                                 one that was stopped, is who stopped it     */
    DG_JOURNAL_REFUSED = 5,   /* code request kind * 256 + reason, amount the
                                 headroom                                    */
    DG_JOURNAL_SESSION = 6,   /* a session opened; code its epoch             */
    DG_JOURNAL_LEASE = 7,     /* code 1 held from now on by who, 0 given up   */
    DG_JOURNAL_PAIRED = 8,    /* code role, amount slot, data digest of the
                                 settings                                    */
    DG_JOURNAL_REVOKED = 9,   /* amount slot, data digest of the settings     */
    DG_JOURNAL_THERAPY = 10,  /* prescription or limits changed; code 1: across
                                 a reset; amount generation, data digest     */
    DG_JOURNAL_ALARM = 11,    /* code bit of dg_alarm, amount 1 up, 0 over    */
    DG_JOURNAL_BUTTON = 12,   /* code dg_button                               */
    DG_JOURNAL_FAULT = 13,    /* the safe state began; code dg_fault          */
    DG_JOURNAL_STATE = 14,    /* code permille of basal withheld, 0: resumed;
                                 amount seconds granted; data since (4)      */
    DG_JOURNAL_UPDATE = 15,   /* code state * 256 + why, amount sequence of the
                                 release                                     */
    DG_JOURNAL_ENERGY = 16,   /* code 1: who lives beyond its budget, 0: over */
    DG_JOURNAL_FRAMES = 17,   /* amount datagrams that did not hold, in the
                                 last hour; data by door (8 x 4)             */
    DG_JOURNAL_HEAD = 18,     /* a head was signed: amount size, data hash of
                                 its payload (32)                            */
    DG_JOURNAL_EXPORTED = 19, /* who holds the entries below amount           */
    DG_JOURNAL_FORK = 20,     /* who showed our own head, of epoch code, size
                                 amount and root data, that this journal does
                                 not lead from                               */
    DG_JOURNAL_LOST = 21,     /* entries code .. amount - 1 left the flash
                                 before anyone exported them                 */
    DG_JOURNAL_DAMAGED = 22,  /* entries code .. amount - 1 cannot be read    */
    DG_JOURNAL_DROPPED = 23,  /* amount entries of class code from who were not
                                 written: too many in a short time           */
    DG_JOURNAL_PRIMED = 24,   /* as ENDED, not into a body                    */
    DG_JOURNAL_GLUCAGON = 25, /* as ENDED, amount ug                          */
    DG_JOURNAL_PROFILE = 26,  /* code dg_journal_profile, amount counter of the
                                 profile                                     */
};

/* What became of limits (E9); the limits in force are told by THERAPY. */
enum dg_journal_profile {
    DG_JOURNAL_PROFILE_TAKEN = 1,     /* of the prescriber, by who brought it */
    DG_JOURNAL_PROFILE_ASKED = 2,     /* who asks the person for looser ones  */
    DG_JOURNAL_PROFILE_PRESSED = 3,   /* the delay begins                     */
    DG_JOURNAL_PROFILE_WITHDRAWN = 4, /* it ends, and nothing becomes looser  */
    DG_JOURNAL_PROFILE_IN_FORCE = 5,  /* the looser ones hold                 */
};

#define DG_JOURNAL_KINDS 27U /* array size */

/* Who brought it about.  0 .. 3 are the slots of the phones. */
#define DG_JOURNAL_BY_PERSON   4U /* at the device           */
#define DG_JOURNAL_BY_DEVICE   5U /* the device itself       */
#define DG_JOURNAL_BY_STRANGER 6U /* nobody that is paired   */

struct dg_journal_entry {
    dg_seconds at;
    enum dg_journal_kind kind;
    uint8_t who; /* 0 .. DG_JOURNAL_BY_STRANGER */
    uint32_t code;
    uint32_t amount;
    uint8_t data_size; /* 0 .. DG_JOURNAL_DATA_MAX */
    uint8_t data[DG_JOURNAL_DATA_MAX];
};

/* What is carried from sector to sector, because the entry that told it may
 * have left the flash. */
struct dg_journal_memory {
    uint32_t head_size;   /* of the last signed head, 0: none        */
    struct dg_hash head;  /* hash of its payload, zero: none         */
    uint32_t exported;    /* entries below it are held outside       */
    uint32_t lost;        /* entries below it are told as lost       */
    uint32_t totals_at_s; /* last BOOT or TOTALS                     */
    uint8_t ticket[8];    /* of the last dose that ended             */
    uint8_t settings[8];  /* digest of the settings last written of  */
    uint8_t glucagon[8];  /* ticket of the last of glucagon that ended */
    uint32_t paused_s;    /* start of the pause told last, 0: none   */
};

struct dg_journal {
    const struct dg_flash *flash;
    const struct dg_crypto *crypto;
    bool failed;     /* flash refused: nothing more is written   */
    uint32_t epoch;  /* rises when a tree had to be begun anew   */
    uint32_t serial; /* of the sector that is being written      */
    uint32_t slot;   /* next one in it                           */
    uint32_t oldest; /* first entry that can be read             */
    dg_seconds last;
    uint8_t check[DG_JOURNAL_CHECK]; /* of the last record       */
    struct dg_merkle tree;
    struct dg_journal_memory memory;
};

/**
 * Encode an entry: [at, kind, who, code, amount, data], deterministic CBOR.
 *
 * @retval DG_OK, DG_E_RANGE (a field out of range), DG_E_NO_SPACE.
 */
DG_NODISCARD enum dg_status dg_journal_entry_encode(
    const struct dg_journal_entry *entry, dg_buf room, dg_span *bytes);

/**
 * Decode an entry; a kind that is not known is kept as its number.
 *
 * @retval DG_OK, DG_E_TRUNCATED, DG_E_TRAILING, DG_E_MALFORMED, DG_E_RANGE.
 */
DG_NODISCARD enum dg_status dg_journal_entry_decode(
    dg_span bytes, struct dg_journal_entry *entry);

/**
 * Make an empty journal: erase its region and write the head of a sector.
 *
 * @retval DG_OK, DG_E_USAGE (a NULL, flash too small), DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_journal_format(const struct dg_flash *flash);

/* What opening found. */
struct dg_journal_found {
    bool is_torn;    /* a record was cut: it is dropped                */
    bool is_damaged; /* entries below @damaged_end can no longer be read */
    bool is_new;     /* no tree could be continued: a new epoch began  */
    uint32_t damaged_first;
    uint32_t damaged_end;
};

/**
 * Read the journal after a reset: every record's chain is verified.
 *
 * @param[out] found  What was not as it should be; the caller writes it down.
 *
 * @retval DG_OK       Open, also after damage.
 * @retval DG_E_USAGE  A NULL, or the flash is too small.
 * @retval DG_E_STATE  A new tree would be needed, and its sector or its epoch has
 *                     no number left; @p journal refuses every append.
 * @retval DG_E_PORT   Flash or crypto failed; @p journal refuses every append.
 */
DG_NODISCARD enum dg_status dg_journal_open(struct dg_journal *journal,
                                            const struct dg_flash *flash,
                                            const struct dg_crypto *crypto,
                                            struct dg_journal_found *found);

/**
 * Append one entry.
 *
 * Its time is never before that of the entry before it.  When the power goes,
 * the entry is there or it is not.
 *
 * @retval DG_OK       On flash, and in the tree.
 * @retval DG_E_RANGE  A field out of range.
 * @retval DG_E_STATE  Failed before, DG_MERKLE_LEAVES entries, or
 *                     DG_JOURNAL_SERIAL_MAX sectors.
 * @retval DG_E_PORT   Flash or crypto failed: nothing more is written.
 */
DG_NODISCARD enum dg_status dg_journal_append(
    struct dg_journal *journal, const struct dg_journal_entry *entry);

/**
 * Read the encoded entries @p first and up, as many as fit whole.
 *
 * @param[out] bytes  Inside @p room; empty when @p first is the end.
 *
 * @retval DG_OK       @p count entries, one after the other.
 * @retval DG_E_RANGE  @p first is older than the oldest, or beyond the end.
 * @retval DG_E_PORT   Flash failed, or what it holds has changed.
 */
DG_NODISCARD enum dg_status dg_journal_read(const struct dg_journal *journal,
                                            uint32_t first,
                                            dg_buf room,
                                            dg_span *bytes,
                                            uint32_t *count);

/**
 * Give the tree as it was with @p size leaves.
 *
 * @param size  journal->oldest .. journal->tree.size.
 *
 * @retval DG_OK, DG_E_RANGE, DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_journal_tree_at(const struct dg_journal *journal,
                                               uint32_t size,
                                               struct dg_merkle *tree);

/** Give the root of that tree; the tree itself takes stack only here.
 *
 * @retval DG_OK, DG_E_RANGE, DG_E_PORT, as dg_journal_tree_at().
 */
DG_NODISCARD enum dg_status dg_journal_root_at(const struct dg_journal *journal,
                                               uint32_t size,
                                               struct dg_hash *root);

/**
 * Give the nodes @p skip and up of the consistency proof @p from to @p size.
 *
 * @param from         journal->oldest .. size, not 0.
 * @param size         .. journal->tree.size.
 * @param[out] nodes   Room for @p capacity nodes.
 * @param[out] count   Nodes written.
 * @param[out] total   Nodes of the whole proof.
 *
 * @retval DG_OK, DG_E_RANGE, DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_journal_prove(const struct dg_journal *journal,
                                             uint32_t from,
                                             uint32_t size,
                                             size_t skip,
                                             struct dg_hash *nodes,
                                             size_t capacity,
                                             size_t *count,
                                             size_t *total);

#endif
