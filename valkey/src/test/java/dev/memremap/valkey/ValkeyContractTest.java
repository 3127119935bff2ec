// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.valkey.servers.Engine;

class ValkeyContractTest extends OneNodeContract {
  ValkeyContractTest() {
    super(Engine.VALKEY, true);
  }
}
