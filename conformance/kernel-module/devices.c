// SPDX-License-Identifier: GPL-2.0-only
#include <linux/device.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "judge.h"

static LIST_HEAD(devices);

struct judge_device *find_device(const char *name)
{
	struct judge_device *device;

	list_for_each_entry(device, &devices, link)
		if (!strcmp(device->name, name))
			return device;
	return NULL;
}

static bool open_group(struct judge_device *device)
{
	device->group = devres_open_group(device->device, NULL, GFP_KERNEL);
	return device->group != NULL;
}

void answer_device(const struct words *words, char *answer)
{
	struct judge_device *device = kzalloc(sizeof(*device), GFP_KERNEL);
	static unsigned int defined;
	char unique[32];

	answer_with(answer, UNSUPPORTED);
	if (!device)
		return;
	if (!name_fits(words->word[1])) {
		kfree(device);
		misread(answer, "name");
		return;
	}
	snprintf(unique, sizeof(unique), "memremap-judge-%u", defined++);
	device->device = root_device_register(unique);
	if (IS_ERR(device->device)) {
		kfree(device);
		return;
	}
	if (!open_group(device)) {
		root_device_unregister(device->device);
		kfree(device);
		return;
	}
	strscpy(device->name, words->word[1], NAME_BYTES);
	list_add(&device->link, &devices);
	answer_with(answer, OK);
}

void answer_device_release(const struct words *words, char *answer)
{
	struct judge_device *device = find_device(words->word[1]);

	if (!device) {
		misread(answer, "device");
	} else if (managed_map_is_busy(device)) {
		answer_with(answer, BUSY);
	} else {
		devres_release_group(device->device, device->group);
		forget_managed_maps(device);
		answer_with(answer, open_group(device) ? OK : UNSUPPORTED);
	}
}

void undo_devices(void)
{
	struct judge_device *device, *next;

	list_for_each_entry_safe(device, next, &devices, link) {
		list_del(&device->link);
		if (device->group)
			devres_release_group(device->device, device->group);
		forget_managed_maps(device);
		root_device_unregister(device->device);
		kfree(device);
	}
}
