// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import java.time.Duration;

/**
 * What a remote memory has done and holds, at one moment. Pages are counted, not bytes, unless it
 * says so.
 *
 * @param resident in memory now
 * @param dirty in memory, and not in the store yet
 * @param pinned pinned now
 * @param poisoned whose access fails now
 * @param faults faults for a missing page
 * @param firstWrites first writes to a page since it came in or was flushed
 * @param readAhead brought in before they were asked for
 * @param fetched brought in by touch, pin and preload
 * @param evicted taken out
 * @param written written to the store
 * @param bytesRead bytes read from the store
 * @param bytesWritten bytes written to the store
 * @param outages times that the store did not give or take a page
 * @param poisonedEver poisoned so far
 * @param healed healed so far
 * @param longestStall what the longest fault took, as the worker saw it; the time in which a worker
 *     was stopped, or none lived, is not in it
 * @param takeovers times that one worker took over from another
 * @param lastTakeover what the last of them took
 */
public record RemoteMemoryFigures(
    long resident,
    long dirty,
    long pinned,
    long poisoned,
    long faults,
    long firstWrites,
    long readAhead,
    long fetched,
    long evicted,
    long written,
    long bytesRead,
    long bytesWritten,
    long outages,
    long poisonedEver,
    long healed,
    Duration longestStall,
    long takeovers,
    Duration lastTakeover) {}
