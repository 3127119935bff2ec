// SPDX-License-Identifier: Apache-2.0
package dev.memremap.windows;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Loads the library and its tests once more, from where this class comes from, and changed. */
public abstract class ReloadedClasses extends ClassLoader {
  protected ReloadedClasses() {
    super(ReloadedClasses.class.getClassLoader());
  }

  /** Whether a class of the library or its tests is taken as it is loaded already. */
  protected abstract boolean isShared(String name);

  /** What a class is to be; the bytes themselves leave it as it is. */
  protected abstract byte[] changed(String name, byte[] bytes);

  @Override
  protected final Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith("dev.memremap.") || isShared(name)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      if (loaded == null) {
        byte[] bytes = changed(name, bytes(name));
        loaded = defineClass(name, bytes, 0, bytes.length);
      }
      return loaded;
    }
  }

  private byte[] bytes(String name) throws ClassNotFoundException {
    try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
