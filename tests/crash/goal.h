/*
 * goal - a file that says up to which number a partner's program shall send.
 */
#ifndef KASK_TEST_GOAL_H
#define KASK_TEST_GOAL_H

// 0 where there is no file, or no number in it.
long goal_read (const char *path);

#endif
