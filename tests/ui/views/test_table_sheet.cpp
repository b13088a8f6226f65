#include "ui/widgets/table_sheet.h"

#include "ui/theme/text.h"
#include "ui/widgets/table_copy.h"

#include <gmock/gmock.h>

#include <QAbstractItemModelTester>
#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QMimeData>
#include <QTest>

namespace weighbridge {

namespace {

Table twoColumns()
{
    return {.columns = {{"name", "Name"},
                        {"bytes", "", ColumnKind::number, For::programs},
                        {"", "GiB", ColumnKind::number}},
            .rows = {{{text_cell("beta"), {}, number_cell(100, "100")}},
                     {{text_cell("alpha"), {}, number_cell(9, "9")}},
                     {{text_cell("gamma"), {}, text_cell("none")}, 0, Emphasis::strong}}};
}

QStringList names(const TableSheet& table)
{
    QStringList list;
    for (int row = 0; row < table.model()->rowCount(); ++row)
        list << table.model()->index(row, 0).data().toString();
    return list;
}

} // namespace

TEST(TableModel, PassesQtsModelTester)
{
    TableModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    model.display(twoColumns());
    model.sort(1, Qt::DescendingOrder);
    model.display({});
    model.display(twoColumns());
}

// Numbers by their value, not by their text, and what is none after all of them.
TEST(TableSheet, SortsByAClickAndTurnsAroundByTheSecond)
{
    TableSheet table;
    table.setSortable();
    table.display(twoColumns(), false);
    Q_EMIT table.header()->sectionClicked(1);
    EXPECT_EQ(names(table), (QStringList{QStringLiteral("alpha"), QStringLiteral("beta"), QStringLiteral("gamma")}));
    Q_EMIT table.header()->sectionClicked(1);
    EXPECT_EQ(names(table), (QStringList{QStringLiteral("beta"), QStringLiteral("alpha"), QStringLiteral("gamma")}));
    table.display(twoColumns(), false); // new figures stay in the order that was chosen
    EXPECT_EQ(names(table).first(), QStringLiteral("beta"));
    Q_EMIT table.header()->sectionClicked(0);
    EXPECT_EQ(names(table), (QStringList{QStringLiteral("alpha"), QStringLiteral("beta"), QStringLiteral("gamma")}));
}

TEST(TableSheet, FiguresAreNeverCut)
{
    TableSheet table;
    table.display(twoColumns(), false);
    table.resize(table.minimumSizeHint().width(), 200);
    table.show();
    const QFontMetrics metrics(table.typography().strongNumber);
    EXPECT_GE(table.header()->sectionSize(1), metrics.horizontalAdvance(QStringLiteral("none")));
    EXPECT_GT(table.sizeHint().height(), 3 * metrics.height());
}

TEST(TableSheet, CopiesEverything)
{
    TableSheet table;
    table.display(twoColumns(), false);
    QTest::keySequence(&table, QKeySequence::Copy);
    EXPECT_EQ(QApplication::clipboard()->text(), QStringLiteral("Name\tGiB\nbeta\t100\nalpha\t9\ngamma\tnone\n"));
}

// Spare columns give way before the page has to scroll sideways; what is copied has them all.
TEST(TableSheet, SpareColumnsAreShownWhereThereIsRoom)
{
    TableSheet view;
    const Table rows{.columns = {{"", "Name"},
                                 shownColumn(QStringLiteral("A figure of many words"), ColumnKind::number, {}, 1),
                                 {"", "Figure", ColumnKind::number}},
                     .rows = {{{text_cell("one"), count_cell(1, "1"), count_cell(2, "2")}}}};
    view.resize(900, 100);
    view.show();
    view.display(rows, false);
    EXPECT_FALSE(view.isColumnHidden(1));
    const int least = view.minimumSizeHint().width();
    view.resize(least, 100);
    QTest::qWait(1);
    view.display(rows, false);
    EXPECT_TRUE(view.isColumnHidden(1));
    EXPECT_FALSE(view.isColumnHidden(2));
    EXPECT_EQ(view.minimumSizeHint().width(), least);
    view.copy();
    EXPECT_EQ(QGuiApplication::clipboard()->text(),
              QStringLiteral("Name\tA figure of many words\tFigure\none\t1\t2\n"));
    view.resize(900, 100);
    view.display(rows, false);
    EXPECT_FALSE(view.isColumnHidden(1));
}

// What a window never shortens keeps its width; the first text that it may shorten takes the rest.
TEST(TableSheet, TheFirstElasticTextTakesTheRest)
{
    TableSheet view;
    Table table{.columns = {{"", "Run"}, {"", "Model"}, {"", "Figure", ColumnKind::number}},
                .rows = {{{text_cell("a-run-with-a-name-that-is-long"), text_cell(std::string(200, 'm')),
                           count_cell(1, "1")}}}};
    table.columns[0].whole = true;
    view.display(table, false);
    view.resize(view.minimumSizeHint().width() + 50, 100);
    view.show();
    QTest::qWait(1);
    const QFontMetrics metrics(view.typography().body);
    EXPECT_GE(view.header()->sectionSize(0), metrics.horizontalAdvance(utf8(table.rows[0].cells[0].text)));
    int sum = 0;
    for (int column = 0; column < 3; ++column)
        sum += view.header()->sectionSize(column);
    EXPECT_EQ(sum, view.viewport()->width());
}

TEST(TableSheet, TellsWhichRowIsChosen)
{
    TableSheet view;
    view.display(twoColumns(), false);
    QList<int> chosen;
    QObject::connect(&view, &TableSheet::currentRowChanged, &view, [&](int row) { chosen << row; });
    view.show();
    view.setFocus();
    view.setCurrentIndex(view.model()->index(0, 0));
    QTest::keyClick(&view, Qt::Key_Down);
    EXPECT_EQ(chosen, (QList<int>{0, 1}));
}

TEST(TableCopy, HasWhatIsForPeopleWithItsDepth)
{
    Table table = twoColumns();
    table.rows[1].depth = 1;
    const auto data = tableData({table, twoColumns()});
    const QStringList lines = data->text().split(u'\n', Qt::SkipEmptyParts);
    ASSERT_EQ(lines.size(), 8);
    EXPECT_EQ(lines[0], QStringLiteral("Name\tGiB"));
    EXPECT_EQ(lines[2], QStringLiteral("  alpha\t9"));
    EXPECT_TRUE(data->html().contains(QStringLiteral("<th>GiB</th>")));
}

TEST(TableSheet, TheMenuKeyCopiesAndSorts)
{
    TableSheet view;
    Table rows{.columns = {{"", "Name"}, {"", "Figure", ColumnKind::number}},
               .rows = {{{text_cell("a"), count_cell(2, "2")}}, {{text_cell("b"), count_cell(1, "1")}}}};
    view.display(rows, false);
    EXPECT_EQ(view.contextMenuPolicy(), Qt::ActionsContextMenu);
    ASSERT_EQ(view.actions().size(), 1); // copying
    view.setSortable();
    ASSERT_EQ(view.actions().size(), 4); // a line between, and the two columns
    view.actions().back()->trigger();
    EXPECT_EQ(view.tableModel().shown().rows.front().cells[0].text, "b");
    EXPECT_EQ(view.sortedColumn(), 1);
    rows.columns[1].heading = "Other";
    view.display(rows, false);
    EXPECT_EQ(view.actions().back()->text(), QStringLiteral("Sort by Other"));
    EXPECT_EQ(view.tableModel().shown().rows.front().cells[0].text, "b") << "still sorted";
}

} // namespace weighbridge
