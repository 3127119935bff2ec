// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.pager.store.StoreLocation;
import dev.memremap.pager.store.StoreScheme;
import java.net.URI;
import java.util.Set;

/** Finds {@link ValkeyStore}s by locations such as {@code valkey://host:6379}. */
public final class ValkeyScheme implements StoreScheme {
  /** Called by {@link java.util.ServiceLoader}. */
  public ValkeyScheme() {}

  @Override
  public String scheme() {
    return "valkey";
  }

  @Override
  public Set<String> schemes() {
    return PlaceText.SCHEMES;
  }

  @Override
  public StoreLocation locate(URI uri) {
    return new ValkeyLocation(PlaceText.read(uri));
  }
}
