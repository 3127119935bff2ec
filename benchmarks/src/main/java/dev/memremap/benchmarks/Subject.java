// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What costs something: a benchmark of JMH, or a figure of a program. Equal subjects are measured
 * once, however many rows name them.
 *
 * <p>Thread safety: immutable.
 */
public sealed interface Subject {
  /**
   * A method annotated with JMH's {@code Benchmark}. Its mode may be any; what is compared is the
   * time of one operation.
   *
   * @param owner the class
   * @param method the method's name
   * @param threads how many threads run it at once; 0 leaves it to the class's annotations
   * @param params one value for each {@code Param} of the class that is not to have its first one
   * @param jvmArgs for this one alone, after those that all have
   */
  record Benchmarked(
      Class<?> owner,
      String method,
      int threads,
      SortedMap<String, String> params,
      List<String> jvmArgs)
      implements Subject {
    /** Copies what it is given. */
    public Benchmarked {
      if (threads < 0) {
        throw new IllegalArgumentException("a benchmark runs in no " + threads + " threads");
      }
      params = Collections.unmodifiableSortedMap(new TreeMap<>(params));
      jvmArgs = List.copyOf(jvmArgs);
    }

    /** One thread, the first value of each parameter. */
    public static Benchmarked of(Class<?> owner, String method) {
      return new Benchmarked(owner, method, 1, Collections.emptySortedMap(), List.of());
    }

    /** This benchmark in so many threads; 0 leaves it to the class, as groups do. */
    public Benchmarked threads(int count) {
      return new Benchmarked(owner, method, count, params, jvmArgs);
    }

    /** This benchmark with one more parameter of the class set. */
    public Benchmarked param(String name, String value) {
      TreeMap<String, String> more = new TreeMap<>(params);
      more.put(name, value);
      return new Benchmarked(owner, method, threads, more, jvmArgs);
    }

    /** This benchmark in a JVM with these flags, after those that all have. */
    public Benchmarked jvmArgs(String... args) {
      return new Benchmarked(owner, method, threads, params, List.of(args));
    }

    @Override
    public String words() {
      StringBuilder words = new StringBuilder(owner.getSimpleName()).append('.').append(method);
      for (Map.Entry<String, String> param : params.entrySet()) {
        words.append(' ').append(param.getKey()).append('=').append(param.getValue());
      }
      if (threads > 0) {
        words.append(threads == 1 ? ", 1 thread" : ", " + threads + " threads");
      }
      jvmArgs.forEach(arg -> words.append(' ').append(arg));
      return words.toString();
    }
  }

  /**
   * One of the figures of a program.
   *
   * @param probe the program
   * @param figure the figure's name there
   */
  record Probed(Probe probe, String figure) implements Subject {
    @Override
    public String words() {
      return probe.name() + ": " + figure;
    }
  }

  /** How it is named in the table's sources. */
  String words();
}
