#include "ui/session/background.h"

#include <gtest/gtest.h>

#include <QTest>
#include <QThread>

#include <atomic>

namespace weighbridge {

namespace {

/// Goes on until nobody wants it any more.
Background::Work endless(std::atomic<bool>& ended, bool& shown)
{
    return [&](const Background::Progress& progress) -> Background::Show {
        while (progress(0, 1))
            QThread::msleep(1);
        ended = true;
        return [&shown] { shown = true; };
    };
}

} // namespace

TEST(Background, HandsOverInTheThreadThatAsked)
{
    Background background;
    const QThread* shownIn = nullptr;
    const QThread* workedIn = nullptr;
    background.ask([&](const Background::Progress&) -> Background::Show {
        workedIn = QThread::currentThread();
        return [&] { shownIn = QThread::currentThread(); };
    });
    ASSERT_TRUE(QTest::qWaitFor([&] { return shownIn != nullptr; }));
    EXPECT_EQ(shownIn, QThread::currentThread());
    EXPECT_NE(workedIn, shownIn);
    EXPECT_FALSE(background.isRunning());
}

TEST(Background, OfSeveralQuestionsTheNewestCounts)
{
    Background background;
    std::atomic<bool> ended = false;
    bool old = false;
    int newest = 0;
    background.ask(endless(ended, old));
    for (int i = 1; i <= 3; ++i)
        background.ask(
            [&newest, i](const Background::Progress&) -> Background::Show { return [&newest, i] { newest = i; }; });
    ASSERT_TRUE(QTest::qWaitFor([&] { return newest != 0; }));
    EXPECT_TRUE(ended);
    EXPECT_FALSE(old);
    EXPECT_EQ(newest, 3);
}

TEST(Background, WhatIsStoppedShowsNothing)
{
    bool shown = false;
    std::atomic<bool> ended = false;
    {
        Background background;
        background.ask(endless(ended, shown));
        background.stop();
        ASSERT_TRUE(QTest::qWaitFor([&] { return !background.isRunning(); }));
        background.ask(endless(ended, shown)); // ends with the object
    }
    EXPECT_TRUE(ended);
    EXPECT_FALSE(shown);
}

} // namespace weighbridge
