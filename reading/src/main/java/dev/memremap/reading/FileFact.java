// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

/**
 * Something that a file states about a machine.
 *
 * @param key a key of machine files, such as {@code phys-bits}
 * @param value its value, as a machine file would write it
 * @param file the file that states it
 */
public record FileFact(String key, String value, String file) {}
