// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.pager.store.StoreException;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.ValueOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.util.Optional;

/** What a place has been made for, as its nodes say. */
final class FoundGeometry {
  private FoundGeometry() {}

  /**
   * Asks.
   *
   * @return empty if no store is there
   * @throws StoreException if the place does not answer, or what it has is of another version
   */
  static Optional<GeometryValue> of(Place place, Attempts attempts, Deadline deadline)
      throws StoreException {
    byte[] key = new PageKeys(place.prefix(), 1).geometry();
    Optional<String> text =
        attempts.until(
            deadline,
            "%s: its size is not known".formatted(place),
            -1,
            () ->
                attempts
                    .nodes()
                    .byKey()
                    .dispatch(
                        CommandType.GET,
                        new ValueOutput<>(ByteArrayCodec.INSTANCE),
                        new CommandArgs<>(ByteArrayCodec.INSTANCE).addKey(key))
                    .thenApply(value -> Optional.ofNullable(value).map(Attempts::text)));
    return text.isEmpty() ? Optional.empty() : Optional.of(GeometryValue.read(place, text.get()));
  }
}
