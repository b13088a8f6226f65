#include "tests/ui/support/sample_estimate.h"
#include "tests/ui/views/view_states.h"
#include "ui/charts/roofline_chart.h"
#include "ui/views/roofline_view.h"
#include "ui/widgets/segmented_control.h"
#include "ui/widgets/table_sheet.h"

#include <gmock/gmock.h>

#include <QComboBox>
#include <QLabel>
#include <QTest>

namespace weighbridge {

using testing::HasSubstr;

namespace {

template<class T>
T& find(const QWidget& parent, const char* name)
{
    T* found = parent.findChild<T*>(QString::fromLatin1(name));
    EXPECT_TRUE(found) << name;
    return *found;
}

constexpr int boundColumn = 4; // the last

} // namespace

TEST(RooflineView, EndsItsTableWithTheLayer)
{
    RooflineView view;
    view.display(stateOf(sample::mixtureWithLatentCache()));
    const auto& table = find<TableSheet>(view, "operationsTable");
    const int last = table.model()->rowCount() - 1;
    EXPECT_EQ(table.model()->index(last, 0).data().toString(), QStringLiteral("One layer"));
    EXPECT_EQ(table.model()->index(last, boundColumn).data().toString(), QString());
}

TEST(RooflineView, SwitchesPhases)
{
    RooflineView view;
    view.resize(1100, 500);
    view.display(stateOf(sample::llama70b()));
    view.show();
    auto& table = find<TableSheet>(view, "operationsTable");
    EXPECT_EQ(table.model()->index(0, boundColumn).data().toString(), QStringLiteral("memory"));
    EXPECT_THAT(find<QLabel>(view, "rooflineSentence").text().toStdString(),
                HasSubstr("Every operation is memory bound"));
    find<SegmentedControl>(view, "rooflinePhase").setCurrentIndex(1);
    EXPECT_EQ(table.model()->index(0, boundColumn).data().toString(), QStringLiteral("compute"));
}

TEST(RooflineView, OffersKindsOfLayersWhereThereAreSeveral)
{
    RooflineView view;
    view.resize(1100, 500);
    view.display(stateOf(sample::llama70b()));
    view.show();
    auto& kind = find<QComboBox>(view, "rooflineLayerKind");
    EXPECT_FALSE(kind.isVisible());
    view.display(stateOf(sample::mixtureWithLatentCache()));
    EXPECT_TRUE(kind.isVisible());
    ASSERT_EQ(kind.count(), 2);
    kind.setCurrentIndex(1);
    EXPECT_THAT(find<QLabel>(view, "rooflineSentence").text().toStdString(), HasSubstr("3 such layers"));
    view.display(stateOf(sample::mixtureWithLatentCache()));
    EXPECT_EQ(kind.currentIndex(), 1);
    view.display(stateOf(sample::llama70b()));
    EXPECT_THAT(find<QLabel>(view, "rooflineSentence").text().toStdString(), HasSubstr("80 such layers"));
}

TEST(RooflineView, StacksWhenNarrow)
{
    RooflineView view;
    view.display(stateOf(sample::llama70b()));
    view.resize(1200, 700);
    view.show();
    auto& chart = find<RooflineChart>(view, "rooflineChart");
    auto& table = find<TableSheet>(view, "operationsTable");
    QTest::qWait(1);
    EXPECT_LT(chart.mapTo(&view, QPoint(chart.width(), 0)).x(), table.mapTo(&view, QPoint()).x() + 1);
    view.resize(560, 900);
    QTest::qWait(1);
    EXPECT_LE(chart.mapTo(&view, QPoint(0, chart.height())).y(), table.mapTo(&view, QPoint()).y());
}

} // namespace weighbridge
