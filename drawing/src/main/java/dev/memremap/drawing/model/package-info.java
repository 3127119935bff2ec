// SPDX-License-Identifier: Apache-2.0

/**
 * What is drawn where. A {@link dev.memremap.drawing.model.Scene} says what a picture shows, as
 * plain values; an {@link dev.memremap.drawing.model.AddressMap} is the picture: boxes, labels and
 * lines at their places, in the units of a renderer. All of it is pure: equal scenes give equal
 * pictures.
 */
@NullMarked
package dev.memremap.drawing.model;

import org.jspecify.annotations.NullMarked;
