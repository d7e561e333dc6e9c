#pragma once
#include <gtest/gtest.h>

#include <vector>

#include "world.h"

namespace crosspoint::sim {

/// What may differ from story to story.
struct StoryOptions {
    NodeOptions node;
    bool repeatable = true;  // false where real cryptography draws its own random numbers
};

struct Story {
    const char* title;
    const char* file;
    int line;
    void (*tell)(World& world);
    StoryOptions options;
};

std::vector<Story>& stories();

struct AddStory {
    explicit AddStory(const Story& story) { stories().push_back(story); }
};

}  // namespace crosspoint::sim

#define SIM_JOIN_(a, b) a##b
#define SIM_JOIN(a, b) SIM_JOIN_(a, b)
#define SIM_STORY(id, title, ...)                                                                          \
    static void SIM_JOIN(story_, id)(::crosspoint::sim::World & world);                                    \
    static const ::crosspoint::sim::AddStory SIM_JOIN(add_story_, id)(                                     \
        {title, __FILE__, __LINE__, &SIM_JOIN(story_, id), ::crosspoint::sim::StoryOptions{__VA_ARGS__}}); \
    static void SIM_JOIN(story_, id)(::crosspoint::sim::World & world)

/// STORY("title") { … world … }, with designated StoryOptions after the title. It is told under several seeds, the
/// world is wound up after it, and nothing may be left then.
#define STORY(title, ...) SIM_STORY(__LINE__, title, __VA_ARGS__)
