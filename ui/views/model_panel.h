#pragma once

#include "ui/session/view_state.h"

#include <QWidget>

#include <vector>

class QGridLayout;
class QLabel;

namespace weighbridge {

/// A title and rows of a name and a figure; the texts can be selected. Labels are kept and refilled from one estimate
/// to the next.
class FigureList : public QWidget
{
    Q_OBJECT

public:
    struct Row
    {
        QString name;
        QString figure;  ///< right-aligned, tabular; empty where the name is a sentence
        QString formula; ///< below, monospaced and muted; empty where there is none
        bool strong = false;

        bool operator==(const Row&) const = default;
    };

    explicit FigureList(const QString& title, QWidget* parent = nullptr);

    void setTitle(const QString& title);
    void setRows(const std::vector<Row>& rows, bool stale);
    const std::vector<Row>& rows() const { return rows_; }

protected:
    void changeEvent(QEvent* event) override;

private:
    struct Labels
    {
        QLabel* name;
        QLabel* figure;
        QLabel* formula;
    };

    void grow(std::size_t rows);
    void style();

    QLabel* title_;
    QGridLayout* grid_;
    std::vector<Labels> labels_;
    std::vector<Row> rows_;
    bool stale_ = false;
};

/// What a part of the network is called.
QString partName(Part part);

/// The derivations the web form lists: the model's parameters part by part, and of inference what a token adds to the
/// KV cache. Where weights files were read, what they hold as well.
class ModelPanel : public QWidget
{
    Q_OBJECT

public:
    explicit ModelPanel(QWidget* parent = nullptr);

    void display(const ViewState& state);

    /// Its height follows from its width: words wrapped at the least width would claim a height that no page gives.
    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void arrange();
    void showCache(const ViewState& state);
    void showStored(const ViewState& state);

    QGridLayout* grid_;
    FigureList* parameters_;
    FigureList* cache_ = nullptr;  ///< null while training is estimated
    FigureList* stored_ = nullptr; ///< null where no files were read
    bool beside_ = true;
};

} // namespace weighbridge
