// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import java.time.Duration;

/** A choice at {@link RemoteMemory#open}; made by the static methods of {@link RemoteMemory}. */
public sealed interface RemoteMemoryOption {
  /** {@link RemoteMemory#resident}. */
  record Resident(long bytes) implements RemoteMemoryOption {}

  /** {@link RemoteMemory#limit}. */
  record Limit(Duration duration) implements RemoteMemoryOption {}

  /** {@link RemoteMemory#onOutage}. */
  record Outage(OnOutage choice) implements RemoteMemoryOption {}

  /** {@link RemoteMemory#keepUnflushed}. */
  record KeepUnflushed() implements RemoteMemoryOption {}
}
