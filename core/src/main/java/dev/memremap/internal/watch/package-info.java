// SPDX-License-Identifier: Apache-2.0

/**
 * What another process can learn of this JVM's machines. It makes a {@link
 * dev.memremap.internal.watch.Watch} here by JMX; until then none of these classes is loaded.
 */
@NullMarked
package dev.memremap.internal.watch;

import org.jspecify.annotations.NullMarked;
