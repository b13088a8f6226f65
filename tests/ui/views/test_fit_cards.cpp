#include "tests/ui/support/sample_estimate.h"
#include "ui/views/fit_cards.h"

#include <gmock/gmock.h>

#include <QSignalSpy>
#include <QTest>

namespace weighbridge {

using testing::HasSubstr;

namespace {

class ShownCards : public testing::Test
{
protected:
    ShownCards()
    {
        show(sample::llama70b());
        cards.resize(800, cards.heightForWidth(800));
        cards.show();
        cards.activateWindow();
        cards.setFocus();
    }

    void show(Estimate estimate) { cards.display({sample::shared(std::move(estimate)), false, ByteUnit::gib}); }

    FitCards cards;
    QSignalSpy chosen{&cards, &FitCards::acceleratorChosen};
    QSignalSpy pinned{&cards, &FitCards::pinToggled};
};

} // namespace

TEST_F(ShownCards, LieApartAndInside)
{
    for (const int width : {140, 400, 800, 1500}) {
        cards.resize(width, cards.heightForWidth(width));
        for (std::size_t i = 0; i < cards.partCount(); ++i) {
            EXPECT_TRUE(QRectF(cards.rect()).contains(cards.partRect(i))) << width;
            for (std::size_t j = 0; j < i; ++j)
                EXPECT_FALSE(cards.partRect(i).intersects(cards.partRect(j)));
        }
    }
}

// What is not whole is not there: "13.9 GiB fr…" and "13.9 GiB" say something else than "13.9 GiB free".
TEST_F(ShownCards, WhereThereIsLittleRoomWholePartsGo)
{
    Estimate estimate = sample::llama70b();
    for (const Fit& fit : estimate.cards)
        estimate.scenario.hardware.pinned.push_back(fit.accelerator.id);
    show(estimate);
    bool both = false;
    bool freeAlone = false;
    for (int width = 140; width < 500; width += 10) {
        cards.resize(width, cards.heightForWidth(width));
        for (std::size_t i = 0; i < cards.partCount(); ++i) {
            const QStringList texts = cards.textsOf(i);
            EXPECT_FALSE(texts[1].contains(u'…')) << width << texts[1].toStdString();
            EXPECT_TRUE(texts[2].isEmpty() || texts[2].endsWith(QStringLiteral("free")) ||
                        texts[2].endsWith(QStringLiteral("pinned")))
                << texts[2].toStdString();
            both = both || (texts[2].contains(QStringLiteral("free")) && texts[2].contains(QStringLiteral("pinned")));
            freeAlone = freeAlone || texts[2].endsWith(QStringLiteral("free"));
        }
    }
    EXPECT_TRUE(both);
    EXPECT_TRUE(freeAlone);
}

TEST_F(ShownCards, WhatStaysFreeIsSaidOnEveryCardThatFits)
{
    for (const int width : {300, 500, 800, 1500}) {
        cards.resize(width, cards.heightForWidth(width));
        for (std::size_t i = 0; i < cards.partCount(); ++i) {
            const bool fits = cards.partName(i).contains(QStringLiteral("free"));
            EXPECT_EQ(cards.textsOf(i)[2].contains(QStringLiteral("free")), fits) << width;
        }
    }
}

TEST_F(ShownCards, AClickChoosesTheAccelerator)
{
    QTest::mouseClick(&cards, Qt::LeftButton, {}, cards.partRect(3).center().toPoint());
    ASSERT_EQ(chosen.count(), 1);
    EXPECT_EQ(chosen[0][0].toString(), QStringLiteral("a100_sxm_80"));
}

TEST_F(ShownCards, ChoosingTheChosenOneDoesNothing)
{
    QTest::mouseClick(&cards, Qt::LeftButton, {}, cards.partRect(4).center().toPoint());
    EXPECT_EQ(chosen.count(), 0);
}

TEST_F(ShownCards, KeyboardReachesChoosesAndPins)
{
    QTest::keyClick(&cards, Qt::Key_Right);
    QTest::keyClick(&cards, Qt::Key_Return);
    QTest::keyClick(&cards, Qt::Key_P);
    ASSERT_EQ(chosen.count(), 1);
    EXPECT_EQ(chosen[0][0].toString(), QStringLiteral("a100_sxm_40"));
    ASSERT_EQ(pinned.count(), 1);
    EXPECT_EQ(pinned[0][0].toString(), QStringLiteral("a100_sxm_40"));
}

TEST_F(ShownCards, UpAndDownMoveBetweenRows)
{
    std::size_t below = 1;
    while (cards.partRect(below).top() == cards.partRect(0).top())
        ++below;
    QTest::keyClick(&cards, Qt::Key_Down);
    EXPECT_EQ(cards.currentPart(), below);
    QTest::keyClick(&cards, Qt::Key_Up);
    EXPECT_EQ(cards.currentPart(), 0U);
}

TEST_F(ShownCards, NamesSayTheVerdictInWords)
{
    EXPECT_THAT(cards.partName(1).toStdString(), HasSubstr("A100 40 GB: Exceeds by"));
    EXPECT_THAT(cards.partName(1).toStdString(), HasSubstr("needs 8 GPUs"));
    EXPECT_THAT(cards.partName(2).toStdString(), HasSubstr("no layout of up to 64 GPUs does it"));
    EXPECT_THAT(cards.partName(7).toStdString(), HasSubstr("pinned"));
}

TEST_F(ShownCards, ToolTipNamesAmountsInBothUnits)
{
    const std::string toolTip = cards.partToolTip(4).toStdString();
    for (const char* part : {"needed: ", "capacity: ", "free: ", "GiB", "GB)", "Fits"})
        EXPECT_THAT(toolTip, HasSubstr(part));
}

TEST_F(ShownCards, TheChosenAcceleratorIsShownEvenIfNoneOfTheStandardOnes)
{
    Estimate estimate = sample::llama70b();
    estimate.accelerator.id = estimate.fit.accelerator.id = "custom";
    estimate.accelerator.name = estimate.fit.accelerator.name = "My own";
    show(std::move(estimate));
    EXPECT_EQ(cards.partCount(), 10U);
    EXPECT_TRUE(cards.partSelected(0));
    EXPECT_THAT(cards.partName(0).toStdString(), HasSubstr("My own"));
}

TEST_F(ShownCards, SurviveHugeNumbersAndLongNames)
{
    show(sample::huge());
    cards.setFont(scaled(cards.font(), 2));
    cards.resize(200, cards.heightForWidth(200));
    EXPECT_FALSE(cards.grab().isNull());
}

} // namespace weighbridge
