#include "core/sources/presets.h"
#include "tests/ui/support/sample_estimate.h"
#include "ui/charts/capacity_chart.h"
#include "ui/export/capacity_picture.h"
#include "ui/views/capacity_page.h"
#include "ui/views/rows_table.h"

#include <gmock/gmock.h>

#include <QLabel>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTest>

namespace weighbridge {

namespace {

/// A real estimate: the page asks the core about it.
EstimatePointer estimateOf(const char* preset, const std::function<void(Scenario&)>& change = {})
{
    Question question;
    question.model = *preset_model(preset);
    question.accelerator = *Catalogue().find("h100_sxm_80");
    if (change)
        change(question.scenario);
    const auto result = estimate(question);
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result ? *result : nullptr;
}

RowsTable& table(CapacityPage& page, const char* name)
{
    auto* found = page.findChild<RowsTable*>(QString::fromLatin1(name));
    EXPECT_NE(found, nullptr) << name;
    return *found;
}

QString cell(const RowsTable& view, int row, int column)
{
    return view.model()->index(row, column).data().toString();
}

} // namespace

TEST(CapacityPage, ShowsWhatTheCoreAnswers)
{
    CapacityPage page;
    page.resize(1000, 800);
    page.display({estimateOf("Llama-3.1-8B"), false, ByteUnit::gib});
    page.flush();
    ASSERT_NE(page.serving(), nullptr);
    const RowsTable& lengths = table(page, "capacity.lengths");
    ASSERT_EQ(lengths.model()->rowCount(), 5); // 8,192 is the scenario's own
    EXPECT_EQ(cell(lengths, 0, 0), QStringLiteral("2,000"));
    EXPECT_EQ(cell(lengths, 2, 0), QStringLiteral("8,192"));
    EXPECT_EQ(cell(lengths, 2, 2), QStringLiteral("1.000")); // 128 KiB x 8,192
    ASSERT_NE(page.recommendations(), nullptr);
    EXPECT_EQ(cell(table(page, "capacity.configurations"), 0, 0), QStringLiteral("g2-standard (GCP)"));
    EXPECT_EQ(page.findChild<CapacityChart*>(QStringLiteral("capacity.overContext"))->partCount(), 200u);
}

// While it is out of sight it costs nothing, and in sight it waits until the rest is painted.
TEST(CapacityPage, AsksOnlyInSight)
{
    CapacityPage page;
    page.display({estimateOf("Llama-3.1-8B"), false, ByteUnit::gib});
    QTest::qWait(1);
    EXPECT_EQ(page.serving(), nullptr);
    page.resize(1000, 800);
    static_cast<QWidget&>(page).show();
    EXPECT_EQ(page.serving(), nullptr);
    EXPECT_TRUE(QTest::qWaitFor([&] { return page.recommendations() != nullptr; }));
    const ServingPointer before = page.serving();
    page.hide();
    page.display({estimateOf("Qwen3-8B"), false, ByteUnit::gib});
    QTest::qWait(1);
    EXPECT_EQ(page.serving(), before);
}

TEST(CapacityPage, TheUsableShareDecides)
{
    CapacityPage page;
    page.display({estimateOf("Llama-3.1-70B"), false, ByteUnit::gib});
    page.flush();
    const QString before = cell(table(page, "capacity.configurations"), 0, 0);
    page.findChild<QSpinBox*>(QStringLiteral("capacity.share"))->setValue(50);
    page.flush();
    EXPECT_DOUBLE_EQ(page.recommendations()->usable_share, 0.5);
    EXPECT_NE(cell(table(page, "capacity.configurations"), 0, 0), before);
}

TEST(CapacityPage, OfTrainingOnlyConfigurationsAreShown)
{
    CapacityPage page;
    page.resize(1000, 800);
    page.display(
        {estimateOf("Llama-3.1-8B", [](Scenario& scenario) { scenario.task = "train"; }), false, ByteUnit::gib});
    page.flush();
    EXPECT_EQ(page.serving(), nullptr);
    EXPECT_TRUE(table(page, "capacity.lengths").isHidden() ||
                table(page, "capacity.lengths").parentWidget()->isHidden());
    EXPECT_GT(table(page, "capacity.configurations").model()->rowCount(), 0);
}

TEST(CapacityPage, RemarksAreSaid)
{
    CapacityPage page;
    page.display({estimateOf("Meta-Llama-3-8B"), false, ByteUnit::gib}); // made for 8,192 tokens
    page.flush();
    EXPECT_THAT(page.findChild<QLabel*>(QStringLiteral("capacity.remarks"))->text().toStdString(),
                ::testing::HasSubstr("8,192"));
    EXPECT_TRUE(cell(table(page, "capacity.lengths"), 4, 1).startsWith(u'*'));
}

TEST(CapacityPage, ExportsPictureAndTables)
{
    CapacityPage page;
    page.resize(1000, 800);
    page.display({estimateOf("Llama-3.1-8B"), false, ByteUnit::gib});
    page.flush();
    std::vector<CapacityExport> wanted;
    QObject::connect(&page, &CapacityPage::exportWanted, [&](const CapacityExport& one) { wanted.push_back(one); });
    for (const char* button : {"capacity.png", "capacity.csv"})
        QMetaObject::invokeMethod(page.findChild<QWidget*>(QString::fromLatin1(button)), "click");
    ASSERT_EQ(wanted.size(), 2u);
    const auto png = wanted[0].bytes();
    ASSERT_TRUE(png);
    EXPECT_TRUE(png->startsWith("\x89PNG"));
    const auto csv = wanted[1].bytes();
    ASSERT_TRUE(csv);
    EXPECT_TRUE(csv->startsWith("serving_length,max_concurrent_sequences,"));
    EXPECT_TRUE(csv->contains("\r\ng2-standard,"));
}

} // namespace weighbridge
