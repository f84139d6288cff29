/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/bins.h"

#include "dosegate/iob.h"

/* Bins behind the present one whose insulin has a share left. */
#define SPAN (DG_IOB_STEPS - 1U)

/*@ lemma dg_bins_apart: \forall integer a, b;
  @   0 <= a < b < a + DG_BINS ==> dg_bins_slot(a) != dg_bins_slot(b);
  @*/

/*@ requires \valid(bins);
  @ assigns  bins->pulses[0 .. DG_BINS - 1][0 .. 2];
  @ ensures  \forall integer other;
  @   bin - DG_BINS < other <= bin && 0 <= other ==>
  @   (other == bin ? dg_bins_load(bins, other) == 0
  @                 : dg_bins_same{Pre, Post}(bins, other) &&
  @                   dg_bins_load{Pre}(bins, other) ==
  @                   dg_bins_load{Post}(bins, other));
  @*/
static void clear(struct dg_bins *bins, uint32_t bin)
{
    uint16_t *row = bins->pulses[bin % DG_BINS];

    /*@ assert row == &bins->pulses[dg_bins_slot(bin)][0]; */
    row[0] = 0U;
    row[1] = 0U;
    row[2] = 0U;
}

void dg_bins_advance(struct dg_bins *bins, uint32_t to)
{
    if (to <= bins->head) {
        return;
    }

    const uint32_t steps = to - bins->head;
    const uint32_t last = (steps > DG_BINS) ? (to - DG_BINS) : bins->head;

    /*@ assert bins->head <= last && last < to <= last + DG_BINS; */
    /*@ loop invariant last < bin <= to + 1;
      @ loop invariant \forall integer fresh; last < fresh < bin ==>
      @   dg_bins_load(bins, fresh) == 0;
      @ loop invariant kept: \forall integer old; 0 <= old <= bins->head &&
      @   to - DG_BINS < old ==> dg_bins_same{Pre, Here}(bins, old);
      @ loop assigns bin, bins->pulses[0 .. DG_BINS - 1][0 .. 2];
      @ loop variant to - bin;
      @*/
    for (uint32_t bin = last + 1U; bin <= to; bin++) {
        clear(bins, bin);
    }
    bins->head = to;
}

void dg_bins_add(struct dg_bins *bins, enum dg_tier tier, uint32_t pulses)
{
    uint16_t *bin = &bins->pulses[bins->head % DG_BINS][(unsigned)tier - 1U];
    const uint32_t room = (uint32_t)UINT16_MAX - *bin;

    *bin = (uint16_t)(*bin + ((pulses < room) ? pulses : room));
}

/* The first bin from @p first on that is still held. */
/*@ requires \valid_read(bins) && dg_bins_sound(bins);
  @ assigns  \nothing;
  @ ensures  \result == dg_bins_oldest(bins, first);
  @ ensures  \result + DG_BINS > bins->head;
  @*/
static uint32_t from(const struct dg_bins *bins, uint32_t first)
{
    const uint32_t oldest =
        (bins->head >= DG_BINS) ? (bins->head - (DG_BINS - 1U)) : 0U;

    return (first > oldest) ? first : oldest;
}

/*@ requires \valid_read(bins) && 1 <= tier <= 3;
  @ assigns  \nothing;
  @ ensures  \result == dg_bins_row(bins, bin, tier);
  @ ensures  \result <= 3 * UINT16_MAX;
  @*/
static uint32_t row(const struct dg_bins *bins, uint32_t bin, enum dg_tier tier)
{
    const uint16_t *pulses = bins->pulses[bin % DG_BINS];
    uint32_t sum = pulses[0];

    if (tier != DG_TIER_AUTOMATIC) {
        sum += pulses[1];
    }
    if (tier == DG_TIER_PRESENT) {
        sum += pulses[2];
    }
    return sum;
}

uint32_t dg_bins_since(const struct dg_bins *bins,
                       uint32_t first,
                       enum dg_tier tier)
{
    const uint32_t low = from(bins, first);
    uint32_t sum = 0U;

    /*@ loop invariant low <= bin && (bin == low || bin <= bins->head + 1);
      @ loop invariant sum == dg_bins_sum(bins, low, bin - 1, tier);
      @ loop invariant sum <= (bin - low) * 3 * UINT16_MAX;
      @ loop assigns bin, sum;
      @ loop variant bins->head - bin;
      @*/
    for (uint32_t bin = low; bin <= bins->head; bin++) {
        const uint32_t here = row(bins, bin, tier);

        /*@ assert bin - low < DG_BINS; */
        /*@ assert here <= 3 * UINT16_MAX; */
        /*@ assert sum + here <= (bin - low + 1) * 3 * UINT16_MAX; */
        /*@ assert sum + here <= UINT32_MAX; */
        /*@ assert sum + here == dg_bins_sum(bins, low, bin, tier); */
        sum += here;
    }
    return sum;
}

/* The youngest insulin of a bin is up to one step younger than the distance
 * of the bins says. */
/*@ requires \valid_read(bins) && dg_bins_sound(bins) && bin <= bins->head;
  @ requires here <= UINT32_MAX / DG_BIN_S;
  @ assigns  \nothing;
  @ ensures  \result == dg_bins_row(bins, bin, DG_TIER_PRESENT) *
  @                     dg_bins_share(here, bin);
  @ ensures  \result <= 3 * UINT16_MAX * DG_IOB_ONE;
  @*/
static uint64_t weigh(const struct dg_bins *bins, uint32_t bin, uint32_t here)
{
    const uint32_t steps = (here > bin) ? (here - bin - 1U) : 0U;
    const uint32_t share = dg_iob_share(steps);
    const uint32_t pulses = row(bins, bin, DG_TIER_PRESENT);

    /*@ assert pulses * share <= pulses * DG_IOB_ONE; */
    return (uint64_t)pulses * share;
}

uint64_t dg_bins_weighted(const struct dg_bins *bins, uint32_t here)
{
    const uint32_t first = (here > SPAN) ? (here - SPAN) : 0U;
    const uint32_t low = from(bins, first);
    uint64_t sum = 0U;

    /*@ loop invariant low <= bin && (bin == low || bin <= bins->head + 1);
      @ loop invariant sum == dg_bins_weight(bins, low, bin - 1, here);
      @ loop invariant sum <= (bin - low) * 3 * UINT16_MAX * DG_IOB_ONE;
      @ loop assigns bin, sum;
      @ loop variant bins->head - bin;
      @*/
    for (uint32_t bin = low; bin <= bins->head; bin++) {
        const uint64_t weight = weigh(bins, bin, here);

        /*@ assert bin - low < DG_BINS; */
        /*@ assert sum + weight == dg_bins_weight(bins, low, bin, here); */
        sum += weight;
    }
    return sum;
}
