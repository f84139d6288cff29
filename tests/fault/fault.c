/* SPDX-License-Identifier: Apache-2.0 */
/* One fault at a time in a run of the firmware that must refuse.
 *
 * usage: fault CODE RAM PSRAM PLAN
 *
 * CODE is the image as it lies in memory, RAM and PSRAM what qemu held when the
 * board slept before the fatal datagram came.  PLAN, made by tools/fault-inject,
 * has one word and its numbers (hex) a line:
 *
 *   reg N VALUE   core registers, 16 is xPSR       code FROM TO  our functions
 *   line U BYTES  what then comes on UART U        wfi AT        where it sleeps
 *   moved AT      the mechanism's count in PSRAM   sample N SEED 1 of N bits
 *   clock AT      the laboratory's clock there     skips N   1 of N skips, flags
 *   from AT, back AT   faults begin at this function, and end in its caller
 *   heavy N       so many own instructions before the first long call get skips
 *                 and flags only (each run of them verifies a signature)
 *
 * The processor is Unicorn's Cortex-M4.  For each instruction of ours between
 * `from` and `back`: execute a NOP instead; execute it with each bit of its code
 * flipped; flip each flag before it; flip bits of registers before it.  Then
 * the run goes on to the end, two minutes pass on the device's clock, and the
 * question is only: did the mechanism move more than without the fault? */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unicorn/unicorn.h>

#include "plan.h"

#define CODE_SIZE  0x40000U
#define RAM_BASE   0x20000000U
#define RAM_SIZE   0x10000U
#define PSRAM_BASE 0x21000000U
#define PSRAM_SIZE 0x200000U
#define PSRAM_USED 0x102000U
#define STEPS_MAX  3000000U
#define STEPS_LONG 100000000U /* with a signature to verify */
#define THUMB(at)  ((at) | 1U)

struct state {
    uc_context *processor; /* all of it, also what no instruction shows */
    uint32_t reg[FAULT_REGISTERS];
    uint8_t ram[RAM_SIZE];
    uint8_t psram[PSRAM_USED];
    unsigned line; /* what of the plan's bytes was taken */
    size_t at;
};

static struct fault_plan plan;

enum kind { SKIP = 0, FLAG, CODE_BIT, REGISTER_BIT, KINDS };
static const char *const kind_name[KINDS] = {
    "skip", "flag", "code bit", "register bit"};

/* Two processors on one memory: `uc` runs, and `wrong` executes the one
 * instruction that is not what the image says, from a code memory of its own.
 * So nothing that Unicorn keeps of a changed instruction can outlive it. */
static uc_engine *uc;
static uc_engine *wrong;
static uint8_t *code;
static uint8_t *wrong_code;
static uint8_t *ram;
static uint8_t *psram;
static unsigned line_now;
static size_t line_at;
static uint32_t timer;
static size_t steps_max = STEPS_LONG;

static const int registers[FAULT_REGISTERS] = {UC_ARM_REG_R0,
                                               UC_ARM_REG_R1,
                                               UC_ARM_REG_R2,
                                               UC_ARM_REG_R3,
                                               UC_ARM_REG_R4,
                                               UC_ARM_REG_R5,
                                               UC_ARM_REG_R6,
                                               UC_ARM_REG_R7,
                                               UC_ARM_REG_R8,
                                               UC_ARM_REG_R9,
                                               UC_ARM_REG_R10,
                                               UC_ARM_REG_R11,
                                               UC_ARM_REG_R12,
                                               UC_ARM_REG_SP,
                                               UC_ARM_REG_LR,
                                               UC_ARM_REG_PC,
                                               UC_ARM_REG_XPSR};

static uint32_t get(unsigned index)
{
    uint32_t value = 0U;

    (void)uc_reg_read(uc, registers[index], &value);
    return value;
}

static void set(unsigned index, uint32_t value)
{
    if (index == 15U) {
        value = THUMB(value);
    }
    (void)uc_reg_write(uc, registers[index], &value);
}

static uint32_t cell(uint32_t at)
{
    uint32_t value = 0U;

    memcpy(&value, &psram[at - PSRAM_BASE], sizeof value);
    return value;
}

static uint32_t moved(void)
{
    return cell(plan.moved);
}

/* The board: two UARTs that always have room, one that has what the plan
 * says; a timer that goes on; nothing else answers. */
static uint64_t read_board(uc_engine *engine,
                           uint64_t offset,
                           unsigned size,
                           void *context)
{
    (void)engine;
    (void)size;
    (void)context;
    if (offset == 0x4U) {
        timer -= 25U;
        return timer;
    }
    if ((offset < 0x4000U) || (offset >= 0x6000U)) {
        return 0U;
    }

    const unsigned uart = (unsigned)(offset >> 12) - 4U;
    const bool is_ready = (line_now < plan.lines) &&
                          (plan.line[line_now].uart == uart) &&
                          (line_at < plan.line[line_now].size);

    switch (offset & 0xFFFU) {
    case 0x0U:
        return is_ready ? plan.line[line_now].byte[line_at++] : 0U;
    case 0x4U:
        return is_ready ? 2U : 0U;
    default:
        return 0U;
    }
}

static void write_board(uc_engine *engine,
                        uint64_t offset,
                        unsigned size,
                        uint64_t value,
                        void *context)
{
    (void)engine;
    (void)offset;
    (void)size;
    (void)value;
    (void)context;
}

static uint64_t read_system(uc_engine *engine,
                            uint64_t offset,
                            unsigned size,
                            void *context)
{
    (void)engine;
    (void)offset;
    (void)size;
    (void)context;
    return 0U;
}

static void save(struct state *state)
{
    for (unsigned i = 0U; i < FAULT_REGISTERS; i++) {
        state->reg[i] = get(i);
    }
    if ((state->processor == NULL) &&
        (uc_context_alloc(uc, &state->processor) != UC_ERR_OK)) {
        fault_die("no memory");
    }
    (void)uc_context_save(uc, state->processor);
    memcpy(state->ram, ram, RAM_SIZE);
    memcpy(state->psram, psram, PSRAM_USED);
    state->line = line_now;
    state->at = line_at;
}

static void load(const struct state *state)
{
    memcpy(ram, state->ram, RAM_SIZE);
    memcpy(psram, state->psram, PSRAM_USED);
    (void)uc_context_restore(uc, state->processor);
    line_now = state->line;
    line_at = state->at;
}

static bool is_ours(uint32_t at)
{
    for (unsigned i = 0U; i < plan.codes; i++) {
        if ((at >= plan.code[i].from) && (at < plan.code[i].to)) {
            return true;
        }
    }
    return false;
}

/* Ends at @until; false when the processor faulted or went astray. */
static bool run(uint32_t until, size_t steps)
{
    /* Unicorn looks for the end only when it translates: make it. */
    (void)uc_ctl_remove_cache(uc, until, until + 2U);

    const uc_err error = uc_emu_start(uc, THUMB(get(15U)), until, 0U, steps);

    return (error == UC_ERR_OK) && ((get(15U) & ~1U) == until);
}

static bool step(void)
{
    return uc_emu_start(uc, THUMB(get(15U)), 0xFFFFFFFEU, 0U, 1U) == UC_ERR_OK;
}

/* One instruction with these bytes instead of those of the image. */
static bool step_wrong(uint32_t at, const uint8_t *bytes, size_t size)
{
    static uc_context *carried;
    uc_err error = UC_ERR_OK;

    if ((carried == NULL) && (uc_context_alloc(uc, &carried) != UC_ERR_OK)) {
        fault_die("no memory");
    }
    memcpy(&wrong_code[at], bytes, size);
    (void)uc_ctl_remove_cache(wrong, at, at + size);
    (void)uc_context_save(uc, carried);
    (void)uc_context_restore(wrong, carried);
    error = uc_emu_start(wrong, THUMB(at), 0xFFFFFFFEU, 0U, 1U);
    (void)uc_context_save(wrong, carried);
    (void)uc_context_restore(uc, carried);
    memcpy(&wrong_code[at], &code[at], size);
    (void)uc_ctl_remove_cache(wrong, at, at + size);
    return error == UC_ERR_OK;
}

/* All lines of the plan from here on, sleeping after each. */
static bool run_out(void)
{
    for (;;) {
        if (!run(plan.wfi, steps_max)) {
            return false;
        }
        if (line_now >= plan.lines) {
            return true;
        }
        if (line_at >= plan.line[line_now].size) {
            line_now++;
            line_at = 0U;
            if (line_now >= plan.lines) {
                return true;
            }
        }
        set(15U, plan.wfi + 2U);
    }
}

static size_t size_of_instruction(uint32_t at)
{
    const unsigned top = (unsigned)code[at + 1U] >> 3;

    return (top >= 0x1DU) ? 4U : 2U;
}

static uint32_t dice(void)
{
    plan.seed += 0x9E3779B97F4A7C15ULL;

    uint64_t z = plan.seed;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return (uint32_t)(z >> 32);
}

struct tally {
    uint64_t tried;
    uint64_t same;    /* back at the caller exactly as without the fault */
    uint64_t refused; /* another way, and still nothing moved            */
    uint64_t reset;   /* the processor faulted, or the watchdog bit      */
    uint64_t later;   /* the bench was told to let more time pass, and it did */
    uint64_t moved;   /* delivered: what must not be                     */
};

static struct tally tally[KINDS];
static struct state cursor;
static struct state golden; /* back at the caller */
static uint32_t golden_moved;
static uint32_t golden_clock;

/* Same registers that the caller may rely on, same memory above the stack
 * pointer and in PSRAM: then the rest of the run is the same as well. */
static bool is_as_golden(void)
{
    const uint32_t sp = golden.reg[13];

    for (unsigned i = 4U; i <= 13U; i++) {
        if ((i != 12U) && (get(i) != golden.reg[i])) {
            return false;
        }
    }
    return (line_now == golden.line) && (line_at == golden.at) &&
           (memcmp(&ram[sp - RAM_BASE],
                   &golden.ram[sp - RAM_BASE],
                   RAM_SIZE - (sp - RAM_BASE)) == 0) &&
           (memcmp(psram, golden.psram, PSRAM_USED) == 0);
}

/* The fault is in; go on to the end and judge. */
static void judge(enum kind kind, uint32_t at, unsigned detail, bool is_alive)
{
    struct tally *of = &tally[kind];

    of->tried++;
    if (is_alive) {
        is_alive = run(plan.back, steps_max);
    }
    if (is_alive && is_as_golden()) {
        of->same++;
        return;
    }
    is_alive = is_alive && run_out();
    /* The bench's own words lie in the same registers; a pump has no bench. */
    if ((cell(plan.clock) != golden_clock) && (moved() > golden_moved)) {
        of->later++;
    } else if (moved() > golden_moved) {
        of->moved++;
        (void)printf("moved %s %x %u pulses %u\n",
                     kind_name[kind],
                     (unsigned)at,
                     detail,
                     (unsigned)(moved() - golden_moved));
        (void)fflush(stdout);
    } else if (is_alive) {
        of->refused++;
    } else {
        of->reset++;
    }
}

/* A skip that did anything but go on would be no skip. */
static void check_skip(uint32_t at, size_t size)
{
    bool is_skipped = (get(15U) & ~1U) == (at + size);

    for (unsigned i = 0U; i < 15U; i++) {
        is_skipped = is_skipped && (get(i) == cursor.reg[i]);
    }
    if (!is_skipped) {
        fault_die("an instruction that is to be skipped was not");
    }
}

static void try_code(enum kind kind,
                     uint32_t at,
                     size_t size,
                     const uint8_t *bytes,
                     unsigned detail)
{
    load(&cursor);

    const bool is_alive = step_wrong(at, bytes, size);

    if (kind == SKIP) {
        check_skip(at, size);
    }
    judge(kind, at, detail, is_alive);
}

static bool is_sampled(uint32_t share)
{
    return (share <= 1U) || ((dice() % share) == 0U);
}

/* The instruction of the image, executed by the other processor, must do what
 * it does here: else nothing that follows means anything. */
static void check_processors(uint32_t at)
{
    static struct state right;
    const size_t size = size_of_instruction(at);

    load(&cursor);
    if (!step()) {
        fault_die("the run without a fault faults");
    }
    save(&right);
    load(&cursor);

    const bool is_alive = step_wrong(at, &code[at], size);

    for (unsigned i = 0U; i < FAULT_REGISTERS; i++) {
        if (!is_alive || (get(i) != right.reg[i])) {
            (void)fprintf(stderr,
                          "fault: at %x register %u: %x, not %x\n",
                          (unsigned)at,
                          i,
                          (unsigned)get(i),
                          (unsigned)right.reg[i]);
            fault_die("the two processors differ");
        }
    }
    if ((memcmp(ram, right.ram, RAM_SIZE) != 0) ||
        (memcmp(psram, right.psram, PSRAM_USED) != 0)) {
        fault_die("the two processors differ in memory");
    }
}

static void try_all(uint32_t at, bool is_heavy)
{
    static const uint8_t nop[] = {0x00, 0xBF};
    static const uint8_t nop_wide[] = {0xAF, 0xF3, 0x00, 0x80};
    const size_t size = size_of_instruction(at);
    uint8_t bytes[4];

    if (is_sampled(plan.skips)) {
        check_processors(at);
    }
    if (is_sampled(plan.skips)) {
        try_code(SKIP, at, size, (size == 4U) ? nop_wide : nop, 0U);
    }
    for (unsigned flag = 28U; flag < 32U; flag++) {
        if (is_sampled(plan.skips)) {
            load(&cursor);
            set(16U, cursor.reg[16] ^ (1UL << flag));
            judge(FLAG, at, flag, true);
        }
    }
    if (is_heavy) {
        return;
    }
    for (unsigned bit = 0U; bit < (8U * size); bit++) {
        if (is_sampled(plan.sample)) {
            memcpy(bytes, &code[at], size);
            bytes[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
            try_code(CODE_BIT, at, size, bytes, bit);
        }
    }
    for (unsigned i = 0U; i < 15U; i++) {
        const unsigned bit = dice() % 32U;

        if (is_sampled(plan.sample)) {
            load(&cursor);
            set(i, cursor.reg[i] ^ (1UL << bit));
            judge(REGISTER_BIT, at, (i * 32U) + bit, true);
        }
    }
}

/* Out of our functions and back, without looking. */
static void run_library(void)
{
    const uint32_t here = get(15U);
    const uint32_t back = get(14U) & ~1U;

    if (!is_ours(back) || !run(back, steps_max)) {
        (void)fprintf(stderr,
                      "fault: from %x to %x, now at %x\n",
                      (unsigned)here,
                      (unsigned)back,
                      (unsigned)get(15U));
        fault_die("a library call does not come back");
    }
}

static uint64_t walk(bool is_trying, uint64_t long_call)
{
    uint64_t steps = 0U;

    while ((get(15U) & ~1U) != plan.back) {
        const uint32_t at = get(15U) & ~1U;

        if (!is_ours(at)) {
            run_library();
            continue;
        }
        if (is_trying) {
            /* Before the long call only what is near to it. */
            const bool is_before = steps < long_call;

            save(&cursor);
            steps_max = is_before ? STEPS_LONG : STEPS_MAX;
            if (!is_before || ((long_call - steps) <= plan.heavy)) {
                try_all(at, is_before);
            }
            load(&cursor);
            steps_max = STEPS_LONG;
        }
        const uint32_t here = get(15U);

        if (!step()) {
            (void)fprintf(stderr,
                          "fault: at %x after %u\n",
                          (unsigned)here,
                          (unsigned)steps);
            fault_die("the run without a fault faults");
        }
        steps++;
    }
    return steps;
}

static uint64_t count_to_long_call(void)
{
    uint64_t steps = 0U;
    uint64_t found = 0U;

    if (plan.heavy == 0U) {
        return 0U;
    }
    while ((get(15U) & ~1U) != plan.back) {
        if (!is_ours(get(15U) & ~1U)) {
            const uint32_t back = get(14U) & ~1U;

            /* Longer than any hash: the signature. */
            if (!run(back, 400000U)) {
                found = steps;
                if (!run(back, STEPS_LONG)) {
                    fault_die("a long call does not come back");
                }
            }
            continue;
        }
        (void)step();
        steps++;
    }
    return found;
}

static void read_file(const char *path, uint8_t *to, size_t size)
{
    FILE *file = fopen(path, "rb");

    if ((file == NULL) || (fread(to, 1U, size, file) == 0U)) {
        fault_die(path);
    }
    (void)fclose(file);
}

static uint8_t *make(size_t size)
{
    uint8_t *memory = aligned_alloc(4096U, size);

    if (memory == NULL) {
        fault_die("no memory");
    }
    memset(memory, 0, size);
    return memory;
}

static void map(uc_engine *engine,
                uint32_t base,
                size_t size,
                uint32_t rights,
                uint8_t *memory)
{
    if (uc_mem_map_ptr(engine, base, size, rights, memory) != UC_ERR_OK) {
        fault_die("map");
    }
}

static uc_engine *open_processor(uint8_t *its_code)
{
    const uint32_t data = UC_PROT_READ | UC_PROT_WRITE;
    uc_engine *engine = NULL;

    if (uc_open(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS, &engine) !=
        UC_ERR_OK) {
        fault_die("Unicorn does not start");
    }
    (void)uc_ctl_set_cpu_model(engine, UC_CPU_ARM_CORTEX_M4);
    map(engine, 0U, CODE_SIZE, UC_PROT_READ | UC_PROT_EXEC, its_code);
    map(engine, RAM_BASE, RAM_SIZE, data, ram);
    map(engine, PSRAM_BASE, PSRAM_SIZE, data, psram);
    if ((uc_mmio_map(engine,
                     0x40000000U,
                     0x8000U,
                     read_board,
                     NULL,
                     write_board,
                     NULL) != UC_ERR_OK) ||
        (uc_mmio_map(engine,
                     0xE000E000U,
                     0x1000U,
                     read_system,
                     NULL,
                     write_board,
                     NULL) != UC_ERR_OK)) {
        fault_die("map of registers");
    }
    return engine;
}

static void set_up(char **argument)
{
    code = make(CODE_SIZE);
    wrong_code = make(CODE_SIZE);
    ram = make(RAM_SIZE);
    psram = make(PSRAM_SIZE);
    read_file(argument[1], code, CODE_SIZE);
    memcpy(wrong_code, code, CODE_SIZE);
    read_file(argument[2], ram, RAM_SIZE);
    read_file(argument[3], psram, PSRAM_USED);
    uc = open_processor(code);
    wrong = open_processor(wrong_code);
    fault_plan_read(&plan, argument[4]);
    memcpy(cursor.reg, plan.reg, sizeof cursor.reg);
    for (unsigned i = 0U; i < FAULT_REGISTERS; i++) {
        set(i, cursor.reg[i]);
    }
}

static void report(uint64_t steps)
{
    uint64_t all = 0U;
    uint64_t bad = 0U;

    for (unsigned kind = 0U; kind < KINDS; kind++) {
        const struct tally *of = &tally[kind];

        all += of->tried;
        bad += of->moved;
        (void)printf("%s: %" PRIu64 " tried, %" PRIu64
                     " without effect, %" PRIu64 " refused otherwise, %" PRIu64
                     " reset, %" PRIu64 " later, %" PRIu64 " moved\n",
                     kind_name[kind],
                     of->tried,
                     of->same,
                     of->refused,
                     of->reset,
                     of->later,
                     of->moved);
    }
    (void)printf("total %" PRIu64 " tried on %" PRIu64 " instructions, %" PRIu64
                 " moved\n",
                 all,
                 steps,
                 bad);
}

int main(int argc, char **argv)
{
    static struct state start;
    uint64_t long_call = 0U;

    if (argc != 5) {
        fault_die("usage: fault CODE RAM PSRAM PLAN");
    }
    set_up(argv);
    if (!run(plan.from, STEPS_LONG)) {
        fault_die("the run does not come to the function where faults begin");
    }
    plan.back = get(14U) & ~1U;
    save(&start);

    /* Without a fault: what the caller finds, and that nothing moves. */
    long_call = count_to_long_call();
    load(&start);
    if (!run(plan.back, STEPS_LONG)) {
        fault_die("the run does not come back");
    }
    save(&golden);
    if (!run_out()) {
        fault_die("the run without a fault does not end");
    }
    golden_moved = moved();
    golden_clock = cell(plan.clock);
    (void)printf(
        "without a fault: %u pulses\n",
        (unsigned)(golden_moved - *(const uint32_t *)(const void *)&start
                                       .psram[plan.moved - PSRAM_BASE]));
    load(&start);

    const uint64_t steps = walk(true, long_call);

    report(steps);
    /* The two have carried each other's contexts; the process is their end. */
    (void)fflush(stdout);
    _Exit(0);
}
