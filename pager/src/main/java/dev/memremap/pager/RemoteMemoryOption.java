// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import java.time.Duration;
import java.util.Objects;

/** A choice at {@link RemoteMemory#open}; made by the static methods of {@link RemoteMemory}. */
public sealed interface RemoteMemoryOption {
  /** {@link RemoteMemory#resident}. */
  record Resident(long bytes) implements RemoteMemoryOption {}

  /** {@link RemoteMemory#limit}. */
  record Limit(Duration duration) implements RemoteMemoryOption {
    public Limit {
      Objects.requireNonNull(duration, "limit");
    }
  }

  /** {@link RemoteMemory#onOutage}. */
  record Outage(OnOutage choice) implements RemoteMemoryOption {
    public Outage {
      Objects.requireNonNull(choice, "choice");
    }
  }

  /** {@link RemoteMemory#keepUnflushed}. */
  record KeepUnflushed() implements RemoteMemoryOption {}
}
