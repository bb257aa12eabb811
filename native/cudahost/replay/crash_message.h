#ifndef CUDAHOST_CRASH_MESSAGE_H
#define CUDAHOST_CRASH_MESSAGE_H

// From now on a segmentation fault ends the process with a message that says what it means here, before the default action.
void tell_of_crashes();

#endif
