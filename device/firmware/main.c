/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual pump as firmware: the same core and the same world as
 * device/main.c, with the limbs of a board. */
#include <stddef.h>
#include <string.h>

#include <mbedtls/memory_buffer_alloc.h>

#include "board.h"
#include "crypto_psa.h"
#include "dosegate/controller.h"
#include "dosegate/device.h"
#include "entropy_emulated.h"
#include "flash_ram.h"
#include "frame.h"
#include "gauge.h"
#include "hands.h"
#include "provision.h"
#include "wire.h"
#include "world.h"

/* What Mbed TLS may have; tools/firmware-report prints how much it used. */
#define HEAP_SIZE  8192U
#define HEAP_PAINT 0xC5U

/* All of one pump; static because it is large and there is one. */
struct pump {
    struct dg_crypto crypto;
    struct dg_gauge gauge;
    struct dg_flash_ram flash;
    struct dg_world world;
    struct dg_device_ports ports;
    struct dg_device device;
    struct dg_local_hands local;
    struct dg_hands hands;
    uint64_t real_s; /* the calendar at power-on */
    bool is_up;
    struct dg_frame_reader link;
    struct dg_frame_reader bench;
    uint8_t out[DG_FRAME_MAX];
    uint8_t datagram[DG_DATAGRAM_MAX];
};

static struct pump pump;
static uint8_t heap[HEAP_SIZE] __attribute__((aligned(8)));

static void send(enum dg_uart uart, dg_span payload)
{
    dg_span frame = {NULL, 0U};

    if (dg_frame_write(payload, DG_BUF_OF(pump.out), &frame) == DG_OK) {
        dg_board_send(uart, frame);
    }
}

/* A struct of device/wire.h. */
static void tell(const void *message, size_t size)
{
    send(DG_UART_BENCH, (dg_span){message, size});
}

static void tell_awake(void)
{
    const struct dg_board_box *box =
        (const struct dg_board_box *)(uintptr_t)DG_BOARD_BOX;
    const struct dg_wire_awake awake = {
        .head = {DG_WIRE_AWAKE},
        .view_size = sizeof(struct dg_hands_view),
        .faults = box->faults,
        .fault_at = box->at,
    };

    tell(&awake, sizeof awake);
}

/* The power goes in the middle of a flash write. */
static void die(void)
{
    const struct dg_wire_head head = {DG_WIRE_CUT};

    tell(&head, sizeof head);
    dg_board_off();
}

static uint64_t real_s(void)
{
    return pump.real_s + dg_board_seconds();
}

static enum dg_status provision(const struct dg_wire_boot *boot)
{
    struct dg_therapy therapy;
    const enum dg_status status =
        dg_provision_therapy(boot->person,
                             (enum dg_package)boot->package,
                             (enum dg_provision_glucagon)boot->glucagon,
                             &therapy);

    if (status != DG_OK) {
        return status;
    }
    dg_world_fit_chamber(&pump.world, dg_provision_has_chamber(&therapy));
    return dg_provision_flash(&pump.flash.port,
                              &pump.crypto,
                              &therapy,
                              dg_world_clock(&pump.world),
                              dg_world_moved(&pump.world),
                              dg_world_chamber_moved(&pump.world));
}

static enum dg_status start(const struct dg_wire_boot *boot,
                            enum dg_wire_stage *stage)
{
    struct dg_world_cells *cells =
        (struct dg_world_cells *)(uintptr_t)DG_BOARD_WORLD;

    *stage = DG_WIRE_STAGE_CRYPTO;
    pump.real_s = boot->real_s;
    if (!dg_entropy_seed(DG_SPAN_OF(boot->seed))) {
        return DG_E_PORT;
    }

    enum dg_status status = dg_crypto_psa_init(&pump.crypto);

    if (status != DG_OK) {
        return status;
    }
    *stage = DG_WIRE_STAGE_WORLD;
    status = dg_world_init(&pump.world,
                           cells,
                           boot->is_new_world != 0U,
                           boot->is_driven != 0U,
                           real_s,
                           dg_gauge_crypto(&pump.gauge, &pump.crypto));
    if (status != DG_OK) {
        return status;
    }
    *stage = DG_WIRE_STAGE_PROVISION;
    if (boot->is_new_flash != 0U) {
        status = provision(boot);
    }
    if (status != DG_OK) {
        return status;
    }
    *stage = DG_WIRE_STAGE_BOOT;
    pump.ports =
        (struct dg_device_ports){.crypto = &pump.world.crypto,
                                 .flash = &pump.flash.port,
                                 .actuator = &pump.world.actuator,
                                 .reservoir = &pump.world.reservoir,
                                 .annunciator = &pump.world.annunciator,
                                 .power = &pump.world.power,
                                 .glucagon = dg_world_chamber(&pump.world)};
    return dg_device_boot(
        &pump.device, &pump.ports, dg_world_clock(&pump.world));
}

static void take_boot(const struct dg_wire_boot *boot)
{
    enum dg_wire_stage stage = DG_WIRE_STAGE_CRYPTO;
    const enum dg_status status = pump.is_up ? DG_E_STATE : start(boot, &stage);
    const struct dg_wire_done done = {
        {DG_WIRE_BOOTED}, (uint32_t)status, (uint32_t)stage};

    pump.is_up = pump.is_up || (status == DG_OK);
    tell(&done, sizeof done);
}

static void take_look(void)
{
    struct dg_wire_view answer;

    memset(&answer, 0, sizeof answer);
    answer.head.kind = DG_WIRE_VIEW;
    if (pump.hands.look(pump.hands.context, &answer.view) == DG_OK) {
        tell(&answer, sizeof answer);
    }
}

static void take_act(const struct dg_wire_act *act)
{
    const enum dg_status status = pump.hands.act(
        pump.hands.context, (enum dg_hands_act)act->act, act->argument);
    const struct dg_wire_done done = {{DG_WIRE_ACTED}, (uint32_t)status, 0U};

    tell(&done, sizeof done);
}

/* The allocator takes the first block that fits, so what it never touched lies
 * at the end, as painted; its last header is put there at the start. */
static uint32_t heap_used(void)
{
    size_t used = sizeof heap;

    while ((used > 0U) && (heap[used - 1U] == HEAP_PAINT)) {
        used--;
    }
    return (uint32_t)used;
}

static void take_gauge(const struct dg_wire_gauge_ask *ask)
{
    const struct dg_wire_gauge answer = {
        .head = {DG_WIRE_GAUGED},
        .stack_used = dg_board_stack_used(),
        .stack_size = dg_board_stack_size(),
        .heap_used = heap_used(),
        .heap_size = sizeof heap,
        .device_size = sizeof(struct dg_device),
        .chamber_size = sizeof pump.world.chamber_ledger,
        .link_ticks = pump.gauge.link_ticks,
        .crypto_ticks = pump.gauge.crypto_ticks,
        .crypto_calls = pump.gauge.crypto_calls,
    };

    tell(&answer, sizeof answer);
    if (ask->repaint != 0U) {
        dg_board_stack_paint();
    }
}

static void take_off(void)
{
    const struct dg_wire_done done = {{DG_WIRE_ACTED}, (uint32_t)DG_OK, 0U};

    tell(&done, sizeof done);
    dg_board_off();
}

/* One message of the bench, by kind and exact size; another is dropped. */
static void take_bench(dg_span payload)
{
    union {
        struct dg_wire_head head;
        struct dg_wire_boot boot;
        struct dg_wire_act act;
        struct dg_wire_gauge_ask gauge;
    } message;

    if ((payload.size < sizeof message.head) ||
        (payload.size > sizeof message)) {
        return;
    }
    memset(&message, 0, sizeof message);
    memcpy(&message, payload.at, payload.size);
    switch (message.head.kind) {
    case DG_WIRE_BOOT:
        if (payload.size == sizeof message.boot) {
            message.boot.person[DG_WIRE_NAME - 1U] = '\0';
            take_boot(&message.boot);
        }
        break;
    case DG_WIRE_LOOK:
        if (pump.is_up) {
            take_look();
        }
        break;
    case DG_WIRE_ACT:
        if (pump.is_up && (payload.size == sizeof message.act)) {
            take_act(&message.act);
        }
        break;
    case DG_WIRE_GAUGE:
        if (payload.size == sizeof message.gauge) {
            take_gauge(&message.gauge);
        }
        break;
    case DG_WIRE_OFF:
        take_off();
    default:
        break;
    }
}

/* Every datagram gets a frame back: an empty one says that the device is
 * silent.  The radio of a product would just not send. */
static void take_datagram(dg_span datagram)
{
    dg_span answer = {NULL, 0U};

    dg_world_packet(&pump.world);
    dg_gauge_begin(&pump.gauge);
    if (dg_device_receive(&pump.device,
                          dg_world_clock(&pump.world),
                          datagram,
                          DG_BUF_OF(pump.datagram),
                          &answer) != DG_OK) {
        answer = (dg_span){NULL, 0U};
    }
    dg_gauge_end(&pump.gauge);
    if (answer.size > 0U) {
        dg_world_packet(&pump.world);
    }
    send(DG_UART_LINK, answer);
}

/* Not inlined: what the bench needs of the stack is the laboratory's, and must
 * not lie below the device's while that works. */
__attribute__((noinline)) static bool serve_bench(void)
{
    uint8_t byte = 0U;
    dg_span payload = {NULL, 0U};
    bool any = false;

    while (dg_board_take(DG_UART_BENCH, &byte)) {
        any = true;
        dg_frame_put(&pump.bench, byte);
        while (dg_frame_next(&pump.bench, &payload)) {
            take_bench(payload);
        }
    }
    return any;
}

static bool serve_link(void)
{
    uint8_t byte = 0U;
    dg_span datagram = {NULL, 0U};
    bool any = false;

    while (pump.is_up && dg_board_take(DG_UART_LINK, &byte)) {
        any = true;
        dg_frame_put(&pump.link, byte);
        while (dg_frame_next(&pump.link, &datagram)) {
            take_datagram(datagram);
        }
    }
    return any;
}

static void open_box(void)
{
    struct dg_board_box *box = (struct dg_board_box *)(uintptr_t)DG_BOARD_BOX;

    if (box->magic != DG_BOARD_BOX_MAGIC) {
        *box = (struct dg_board_box){.magic = DG_BOARD_BOX_MAGIC};
    }
    box->starts++;
}

int main(void)
{
    dg_board_init();
    open_box();
    memset(heap, (int)HEAP_PAINT, sizeof heap);
    mbedtls_memory_buffer_alloc_init(heap, sizeof heap);
    dg_flash_ram_init(&pump.flash, (uint8_t *)(uintptr_t)DG_BOARD_FLASH, die);
    pump.local = (struct dg_local_hands){
        &pump.device, &pump.world, &pump.flash.cut_in, &pump.flash.cut_part};
    dg_hands_local(&pump.hands, &pump.local);
    tell_awake();
    for (;;) {
        bool is_busy = serve_bench();

        if (pump.is_up) {
            dg_device_tick(&pump.device, dg_world_clock(&pump.world));
        }
        is_busy = serve_link() || is_busy;
        if (!is_busy) {
            dg_board_wait();
        }
    }
}
