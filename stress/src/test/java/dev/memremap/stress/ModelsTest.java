// SPDX-License-Identifier: Apache-2.0
package dev.memremap.stress;

import dev.memremap.LiveMappingsModel;
import dev.memremap.SweptMappingsModel;
import dev.memremap.devres.DevresModel;
import dev.memremap.internal.pages.HandOutModel;
import dev.memremap.internal.pages.PageWordModel;
import dev.memremap.internal.pages.PagemapTableModel;
import dev.memremap.internal.pages.PutByUnmappingModel;
import dev.memremap.internal.pages.PutOfKeptByUnmappingModel;
import dev.memremap.internal.space.DeviceArenasModel;
import dev.memremap.internal.space.ResourceTreeModel;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every structure that threads share, model-checked; {@link WeakenedTest} shows what is found. The
 * build checks three of them with few scenarios, and the thorough build all of them with many.
 */
class ModelsTest {

  @ParameterizedTest(name = "{0}")
  @ValueSource(classes = {LiveMappingsModel.class, PageWordModel.class, PagemapTableModel.class})
  @DisplayName("what two threads do at once is what they could have done one after the other")
  void linearizable(Class<?> model) {
    ModelCheck.of(model);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      classes = {
        SweptMappingsModel.class,
        HandOutModel.class,
        PutByUnmappingModel.class,
        PutOfKeptByUnmappingModel.class,
        ResourceTreeModel.class,
        DeviceArenasModel.class,
        DevresModel.class
      })
  @Tag("thorough")
  @DisplayName("so is what they do while a list is swept, with hand-outs, resources and devices")
  void linearizableToo(Class<?> model) {
    ModelCheck.of(model);
  }
}
