// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import dev.memremap.internal.space.MappedRegion;
import java.util.List;

/** A public type that shows one that is not exported: what {@link PublicApiTest} has to notice. */
public interface PlantedApi {
  /** Shows it as an argument of another type. */
  List<MappedRegion> regions();

  /** Shows nothing. */
  int count();
}
