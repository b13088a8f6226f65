#pragma once

#include "ui/session/view_state.h"

#include <QWidget>

#include <optional>

class QLabel;

namespace weighbridge {

class Pill;

/// The answer: how much per GPU, of what, and whether it fits. One row where there is room, else the
/// explanation goes below the figure.
class VerdictHeader : public QWidget
{
    Q_OBJECT

public:
    explicit VerdictHeader(QWidget* parent = nullptr);

    void display(const ViewState& state);

    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct Places
    {
        QRect total;
        QRect context;
        QRect pill;
        int height = 0;
        QString pillText; ///< whole, or without its last parts
    };

    /// Where things stand; a layout asks for the same width again and again.
    const Places& placesFor(int width) const;
    Places measuredFor(int width) const;
    void style();
    void place();
    QString contextText() const;

    ViewState state_;
    QLabel* total_;
    QLabel* context_;
    Pill* pill_;
    QStringList pillTexts_; ///< "! Tight · 94 % used · 4.2 GiB free", and shorter by a part each down to "! Tight"
    mutable std::optional<Places> known_; ///< at knownWidth_, until a text or a font changes
    mutable int knownWidth_ = 0;
};

} // namespace weighbridge
