/* SPDX-License-Identifier: Apache-2.0 */
/* dosegate-guest: what stands between the phone's domain in a virtual machine
 * and everybody outside.  Three serial lines lead out of the machine, and no
 * network, disk or shared memory: one carries framed datagrams to the pump, two
 * carry the lines of the app and of the trusted display.  tools/domain-guest
 * starts it all. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "link.h"
#include "ports/serial/frame.h"

#define BLOCK      1024U
#define RETRY_MS   200
#define INNER_LINK "udp:127.0.0.1:7001"
#define STATE      "/run/dosegate"

static const char help[] =
    "usage: dosegate-guest link LINE ADDRESS client|server\n"
    "       dosegate-guest lines LINE SOCKET\n"
    "\n"
    "Carry datagrams between ADDRESS (udp:127.0.0.1:PORT) and a serial line, "
    "or\n"
    "lines of text between a local socket and a serial line.  LINE is a "
    "device\n"
    "or a local socket.  As /init of a virtual machine it starts the phone's\n"
    "domain there; see tools/domain-guest.\n";

static int connect_to(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
    if ((fd >= 0) &&
        (connect(fd, (const struct sockaddr *)(const void *)&at, sizeof(at)) !=
         0)) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* A serial line as it is, or the local socket that stands for its other end. */
static int open_line(const char *path)
{
    struct stat about;
    struct termios raw;

    if ((stat(path, &about) == 0) && S_ISSOCK(about.st_mode)) {
        return connect_to(path);
    }

    const int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);

    if ((fd >= 0) && (tcgetattr(fd, &raw) == 0)) {
        cfmakeraw(&raw);
        (void)cfsetspeed(&raw, B115200);
        (void)tcsetattr(fd, TCSANOW, &raw);
    }
    return fd;
}

static bool write_all(int fd, const uint8_t *bytes, size_t size)
{
    while (size > 0U) {
        const ssize_t wrote = write(fd, bytes, size);

        if (wrote > 0) {
            bytes += wrote;
            size -= (size_t)wrote;
        } else if ((errno != EINTR) && (errno != EAGAIN)) {
            return false;
        }
    }
    return true;
}

/* datagrams -------------------------------------------------------------- */

static bool line_to_link(int line,
                         struct dg_frame_reader *reader,
                         struct dg_link *link,
                         const struct dg_link_peer *peer)
{
    uint8_t block[BLOCK];
    const ssize_t got = read(line, block, sizeof(block));
    dg_span payload;

    for (ssize_t i = 0; i < got; i++) {
        dg_frame_put(reader, block[i]);
        while (dg_frame_next(reader, &payload)) {
            /* Lost like any datagram: the protocol asks again. */
            if (dg_link_send(link, peer, payload) != DG_OK) {
                continue;
            }
        }
    }
    return got > 0;
}

static bool link_to_line(struct dg_link *link,
                         struct dg_link_peer *peer,
                         int line)
{
    uint8_t room[DG_FRAME_PAYLOAD_MAX];
    uint8_t framed[DG_FRAME_MAX];
    dg_span datagram;
    dg_span frame;

    while (dg_link_receive(link, DG_BUF_OF(room), peer, &datagram) == DG_OK) {
        if ((dg_frame_write(datagram, DG_BUF_OF(framed), &frame) == DG_OK) &&
            !write_all(line, frame.at, frame.size)) {
            return false;
        }
    }
    return true;
}

static int carry_link(const char *path, const char *address, bool is_server)
{
    static struct dg_frame_reader reader;
    struct dg_link link;
    struct dg_link_peer peer;
    char why[DG_LINK_WHY_MAX];
    const int line = open_line(path);

    memset(&peer, 0, sizeof(peer));
    if ((line < 0) || (dg_link_open(&link,
                                    address,
                                    is_server ? DG_LINK_SERVER : DG_LINK_CLIENT,
                                    why) != DG_OK)) {
        (void)fprintf(stderr,
                      "dosegate-guest: %s: %s\n",
                      (line < 0) ? path : address,
                      (line < 0) ? strerror(errno) : why);
        return 1;
    }
    for (;;) {
        struct pollfd entries[1U + DG_LINK_POLL_MAX] = {
            {.fd = line, .events = POLLIN}};
        const size_t own = dg_link_poll(&link, &entries[1], DG_LINK_POLL_MAX);

        if (poll(entries, (nfds_t)(own + 1U), -1) < 0) {
            continue;
        }
        if ((entries[0].revents != 0) &&
            !line_to_link(line, &reader, &link, is_server ? &peer : NULL)) {
            return 0;
        }
        if (!link_to_line(&link, is_server ? &peer : NULL, line)) {
            return 0;
        }
    }
}

/* lines ------------------------------------------------------------------ */

static bool pass_on(int from, int to)
{
    uint8_t block[BLOCK];
    const ssize_t got = read(from, block, sizeof(block));

    return (got > 0) && write_all(to, block, (size_t)got);
}

/* One client at a time; when the role ends, the next one is connected to. */
static int carry_lines(const char *path, const char *socket_path)
{
    const int line = open_line(path);

    if (line < 0) {
        (void)fprintf(
            stderr, "dosegate-guest: %s: %s\n", path, strerror(errno));
        return 1;
    }
    for (;;) {
        const int role = connect_to(socket_path);
        bool is_open = role >= 0;

        while (is_open) {
            struct pollfd entries[2] = {{.fd = line, .events = POLLIN},
                                        {.fd = role, .events = POLLIN}};

            (void)poll(entries, 2, -1);
            if (entries[0].revents != 0) {
                is_open = pass_on(line, role);
            }
            if (is_open && (entries[1].revents != 0)) {
                is_open = pass_on(role, line);
            }
        }
        if (role >= 0) {
            (void)close(role);
        }
        (void)poll(NULL, 0, RETRY_MS);
    }
}

/* the machine ------------------------------------------------------------ */

static bool raise_loopback(void)
{
    struct ifreq request = {.ifr_name = "lo"};
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    request.ifr_flags = IFF_UP | IFF_RUNNING;
    return (fd >= 0) && (ioctl(fd, SIOCSIFFLAGS, &request) == 0) &&
           (close(fd) == 0);
}

static pid_t run(char *const *argv)
{
    const pid_t pid = fork();

    if (pid == 0) {
        (void)execv(argv[0], argv);
        (void)fprintf(
            stderr, "dosegate-guest: %s: %s\n", argv[0], strerror(errno));
        _exit(127);
    }
    return pid;
}

#define ARGUMENT(text) ((char[]){text})

/* First process of the virtual machine: nothing else is in it. */
static int be_init(void)
{
    char *link[] = {ARGUMENT("/bin/dosegate-guest"),
                    ARGUMENT("link"),
                    ARGUMENT("/dev/ttyS1"),
                    ARGUMENT(INNER_LINK),
                    ARGUMENT("server"),
                    NULL};
    char *app[] = {ARGUMENT("/bin/dosegate-guest"),
                   ARGUMENT("lines"),
                   ARGUMENT("/dev/ttyS2"),
                   ARGUMENT(STATE "/gateway.sock"),
                   NULL};
    char *display[] = {ARGUMENT("/bin/dosegate-guest"),
                       ARGUMENT("lines"),
                       ARGUMENT("/dev/ttyS3"),
                       ARGUMENT(STATE "/confirm.sock"),
                       NULL};
    char *domain[] = {ARGUMENT("/bin/dosegate-domain"),
                      ARGUMENT("--dir"),
                      ARGUMENT(STATE),
                      ARGUMENT("--link"),
                      ARGUMENT(INNER_LINK),
                      ARGUMENT("--ready-fd"),
                      ARGUMENT("1"),
                      NULL};

    if ((mount("none", "/proc", "proc", 0, NULL) != 0) ||
        (mount("none", "/dev", "devtmpfs", 0, NULL) != 0) ||
        (mount("none", "/run", "tmpfs", 0, "mode=0755") != 0) ||
        (mkdir(STATE, 0700) != 0) || !raise_loopback()) {
        (void)fprintf(stderr, "dosegate-guest: init: %s\n", strerror(errno));
    } else {
        const int console = open("/dev/console", O_RDWR);

        for (int fd = 0; fd < 3; fd++) {
            if (dup2(console, fd) < 0) {
                _exit(1);
            }
        }
        (void)run(link);
        (void)run(app);
        (void)run(display);

        const pid_t main_one = run(domain);

        while (waitpid(-1, NULL, 0) != main_one) {
        }
        (void)fprintf(stderr, "dosegate-guest: the domain has ended\n");
    }
    (void)reboot(RB_AUTOBOOT); /* with -no-reboot: the machine ends */
    return 1;
}

int main(int argc, char **argv)
{
    (void)signal(SIGPIPE, SIG_IGN);
    if ((getpid() == 1) && (argc == 1)) {
        return be_init();
    }
    if ((argc == 2) && (strcmp(argv[1], "--help") == 0)) {
        (void)fputs(help, stdout);
        return 0;
    }
    if ((argc == 5) && (strcmp(argv[1], "link") == 0)) {
        return carry_link(argv[2], argv[3], strcmp(argv[4], "server") == 0);
    }
    if ((argc == 4) && (strcmp(argv[1], "lines") == 0)) {
        return carry_lines(argv[2], argv[3]);
    }
    (void)fprintf(stderr, "dosegate-guest: see --help\n");
    return 1;
}
