// SPDX-License-Identifier: Apache-2.0
package dev.memremap.elsewhere;

import java.io.File;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;

/** A path of {@link PlainFileSystem}: one of the operating system, and how it is told apart. */
interface PlainPath extends Path {
  /** The path of the operating system. */
  Path real();

  /** The operating system's path, of either kind. */
  static Path unwrap(Path path) {
    return path instanceof PlainPath plain ? plain.real() : path;
  }

  /** A path of that file system. */
  static Path wrap(PlainFileSystem fileSystem, Path real) {
    return (Path)
        Proxy.newProxyInstance(
            PlainPath.class.getClassLoader(),
            new Class<?>[] {PlainPath.class},
            new Calls(fileSystem, real));
  }

  /** Hands each method on, and wraps what it answers. */
  record Calls(PlainFileSystem fileSystem, Path real) implements InvocationHandler {
    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
      switch (method.getName()) {
        case "real":
          return real;
        case "getFileSystem":
          return fileSystem;
        case "toFile":
          return new File(real.toString());
        case "register":
          throw new UnsupportedOperationException();
        default:
          return wrapped(call(method, arguments));
      }
    }

    private Object call(Method method, Object[] arguments) throws Throwable {
      Object[] plain =
          arguments == null
              ? null
              : Arrays.stream(arguments)
                  .map(each -> each instanceof Path path ? unwrap(path) : each)
                  .toArray();
      try {
        return method.invoke(real, plain);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }

    @SuppressWarnings("unchecked")
    private Object wrapped(Object answer) {
      return switch (answer) {
        case null -> null;
        case Path path -> fileSystem.wrap(path);
        case Iterator<?> names -> fileSystem.wrap((Iterator<Path>) names);
        default -> answer;
      };
    }
  }
}
