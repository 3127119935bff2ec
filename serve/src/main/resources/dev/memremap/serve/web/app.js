// SPDX-License-Identifier: Apache-2.0
import { follow } from "./swap.js";
import { point } from "./pointing.js";
import { live } from "./live.js";

follow();
point();
live();
document.documentElement.classList.add("ready");
