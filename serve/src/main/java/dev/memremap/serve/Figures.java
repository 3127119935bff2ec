// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The figures that Prometheus reads. Its library is loaded when they are first asked for.
 *
 * <p>Thread safety: {@code this} guards the registry.
 */
final class Figures {
  private final Subject subject;
  private final IntSupplier readers;
  private final LongAdder served = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final Set<String> known = new HashSet<>();
  private @Nullable PrometheusMeterRegistry registry;

  Figures(Subject subject, IntSupplier readers) {
    this.subject = subject;
    this.readers = readers;
  }

  /** A request was answered. */
  void served(int status) {
    served.increment();
    if (status >= 400) {
      refused.increment();
    }
  }

  /** All figures, as Prometheus reads them. */
  synchronized String scrape() {
    PrometheusMeterRegistry all = registry;
    if (all == null) {
      all = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
      FunctionCounter.builder("memremap.serve.requests", served, LongAdder::doubleValue)
          .description("Requests that were let in")
          .register(all);
      FunctionCounter.builder("memremap.serve.refused", refused, LongAdder::doubleValue)
          .description("Requests that were let in and could not be answered")
          .register(all);
      Gauge.builder("memremap.serve.readers", readers, IntSupplier::getAsInt)
          .description("Pages that are told what changes")
          .register(all);
      Gauge.builder("memremap.serve.live", subject, each -> each.pulse().isLive() ? 1 : 0)
          .description("Whether what is shown can change")
          .register(all);
      registry = all;
    }
    for (Pulse.Total total : subject.pulse().totals()) {
      if (known.add(total.id())) {
        register(total, all);
      }
    }
    return all.scrape();
  }

  private void register(Pulse.Total total, PrometheusMeterRegistry all) {
    String name = "memremap." + total.id().replace('_', '.');
    if (total.onlyGrows()) {
      FunctionCounter.builder(name, subject, each -> value(each, total.id()))
          .description(total.words())
          .register(all);
    } else {
      Gauge.builder(name, subject, each -> value(each, total.id()))
          .description(total.words())
          .register(all);
    }
  }

  private static double value(Subject subject, String id) {
    return subject.pulse().totals().stream()
        .filter(total -> total.id().equals(id))
        .mapToLong(Pulse.Total::value)
        .findFirst()
        .orElse(0);
  }
}
