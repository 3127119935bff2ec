// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A test that gets {@code true} for reads over connections of their own, {@code false} for
 * Lettuce's.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest(name = "own reads {0}: {displayName}")
@ValueSource(booleans = {true, false})
@interface EachPath {}
