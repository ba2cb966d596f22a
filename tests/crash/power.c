/*
 * power - a program whose power can be cut from outside.
 *
 * With KASK_POWER, the program's state folder: SIGUSR1 cuts the power, and what its store had not
 * synced is lost (disk.h); SIGUSR2 says that another process has synced what it wrote there.
 */
#include "disk.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void *
wait_for_signals (void *arg)
{
    const sigset_t *signals = arg;
    int number;
    while (sigwait (signals, &number) == 0 && number == SIGUSR2)
        disk_count_as_synced ();
    disk_lose ();
    kill (getpid (), SIGKILL);
    return NULL;
}

static __attribute__ ((constructor)) void
have_power (void)
{
    static sigset_t signals;
    pthread_t thread;
    const char *folder = getenv ("KASK_POWER");
    if (!folder)
        return;
    disk_install ();
    disk_watch (folder, 0);
    sigemptyset (&signals);
    sigaddset (&signals, SIGUSR1);
    sigaddset (&signals, SIGUSR2);
    pthread_sigmask (SIG_BLOCK, &signals, NULL);
    if (pthread_create (&thread, NULL, wait_for_signals, &signals) != 0)
        abort ();
}
