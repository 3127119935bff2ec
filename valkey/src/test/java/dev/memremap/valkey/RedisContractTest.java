// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.valkey.servers.Engine;
import org.junit.jupiter.api.Tag;

@Tag("thorough")
class RedisContractTest extends OneNodeContract {
  RedisContractTest() {
    super(Engine.REDIS, true);
  }
}
